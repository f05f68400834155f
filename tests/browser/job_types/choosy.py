"""A job that asks for some things only if others are so."""

from typing import Annotated, Literal

from pydantic import Field

from webapp.authoring import Context, job

WAYS = {"labels": {"post": "By post", "mail": "By mail"}}


@job(title="Send a parcel", icon="archive")
def send_parcel(
    ctx: Context,
    *,
    way: Annotated[Literal["post", "mail"], Field(title="How it is sent", json_schema_extra=WAYS)] = "post",
    address: Annotated[
        str, Field(title="Mail address", max_length=40, json_schema_extra={"shown_if": {"way": "mail"}})
    ] = "",
    insured: Annotated[bool, Field(title="Insured", json_schema_extra={"shown_if": {"way": "post"}})] = False,
    worth: Annotated[
        int, Field(title="What it is worth", ge=1, json_schema_extra={"shown_if": {"insured": True}})
    ] = 50,
) -> None:
    """Send a parcel, or what can be sent of it."""
    ctx.log(f"{way}, {address or 'nowhere'}, {insured}, {worth}")
