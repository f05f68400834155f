"""The kinds of personal data that are told apart."""

from enum import StrEnum
from typing import Literal

Treatment = Literal["mask", "hash", "drop", "keep"]
"""What is done with a kind, or with a column."""


class Kind(StrEnum):
    """What a cell says about a person."""

    EMAIL = "email"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"
    NATIONAL_ID = "national_id"
    BIRTH_DATE = "birth_date"
    NAME = "name"
    ADDRESS = "address"
    IP = "ip"
    OTHER = "other"


LABELS: dict[Kind, str] = {
    Kind.EMAIL: "e-mail address",
    Kind.PHONE: "phone number",
    Kind.IBAN: "bank account (IBAN)",
    Kind.CARD: "payment card",
    Kind.NATIONAL_ID: "national id",
    Kind.BIRTH_DATE: "date of birth",
    Kind.NAME: "name of a person",
    Kind.ADDRESS: "street and house number",
    Kind.IP: "IP address",
    Kind.OTHER: "chosen by you",
}
"""Each kind in an operator's words."""
