"""A row job: the function is called for each row that passed the model's check."""

from datetime import date
from typing import Annotated, Literal

from pydantic import BaseModel, EmailStr, Field

from webapp.authoring import Context, job


class Contact(BaseModel):
    """A person in the address book."""

    id: int
    name: Annotated[str, Field(min_length=1)]
    email: EmailStr
    birthday: date
    country: Literal["AT", "CH", "DE", "DK", "FR", "IT", "NL", "PL"]
    newsletter: bool
    score: Annotated[int, Field(ge=0, le=100)]
    note: str = ""


@job(title="Import contacts", icon="people", example="../contacts.csv")
def import_contacts(row: Contact, ctx: Context) -> None:
    """Bring the address book up to date: people are added, or changed if their id is known."""
    ctx.data.upsert("contacts", row.model_dump(), key="id")
