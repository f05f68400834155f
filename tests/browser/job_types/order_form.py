"""A form with every kind of field but those that need a file."""

from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Annotated, Literal

from pydantic import BaseModel, EmailStr, Field, SecretStr

from webapp.authoring import Context, job


class Colour(Enum):
    """What it is painted with."""

    RED = "red"
    DARK_BLUE = "blue"


class Address(BaseModel):
    """Where it goes."""

    street: str
    floor: int = 0


@job(title="Order a boat", icon="archive")
def order_boat(  # noqa: PLR0913 (one of each kind)
    ctx: Context,
    *,
    name: Annotated[str, Field(title="Name of the boat", max_length=20)],
    length: Annotated[int, Field(title="Metres", ge=2, le=20)],
    price: Annotated[Decimal, Field(title="Price", gt=0, decimal_places=2)],
    launch: Annotated[date, Field(title="Launch")],
    call_at: Annotated[datetime, Field(title="Call me at")],
    mail: Annotated[EmailStr, Field(title="Mail address")],
    code: Annotated[SecretStr, Field(title="Code of the lock")],
    address: Annotated[Address, Field(title="Berth")],
    colour: Annotated[Colour, Field(title="Colour")] = Colour.RED,
    sail: Annotated[Literal["lateen", "gaff"], Field(title="Sail")] = "gaff",
    extras: Annotated[tuple[Literal["oars", "anchor", "lamp"], ...], Field(title="Extras")] = (),
    crew: Annotated[tuple[str, ...], Field(title="Crew")] = (),
    marks: Annotated[dict[str, str], Field(title="Marks", default_factory=dict)],
    insured: Annotated[bool, Field(title="Insured")] = False,
    wishes: Annotated[str, Field(title="Wishes", max_length=500)] = "",
    nickname: Annotated[str | None, Field(title="Nickname")] = None,
) -> None:
    """Order a boat, with all that belongs to it."""
    kinds = (length, price, launch, call_at, colour, extras, crew, insured, address)
    ctx.log(" ".join(type(each).__name__ for each in kinds))
    ctx.log(f"{name}, {length} m, {price}, {launch:%d %B}, {call_at:%H:%M}, {mail}, {colour.name}, {sail}")
    ctx.log(f"{'+'.join(extras)} {'+'.join(crew)} {marks} {insured} {wishes!r}")
    ctx.log(f"{nickname}, {address.street}, floor {address.floor}")
    ctx.log(f"a code of {len(code.get_secret_value())} characters")
