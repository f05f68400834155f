"""Hashes with a key: the same person has the same one in every file, and nobody without the key can try out names."""

import hmac
import re
import unicodedata
from base64 import b32encode
from functools import lru_cache

import phonenumbers

from webapp.services.personal.kinds import Kind

_BYTES = 10  # 16 letters: that any two of ten million people share one has a chance of 1 in 24,000 million
_NOT_A_SIGN = re.compile(r"[\W_]")


class Pseudonyms:
    """HMAC-SHA256 of what a text means, in 16 small letters and digits. Phone numbers may be those of a `country`."""

    def __init__(self, key: str, country: str | None = None) -> None:
        self._key = key.encode("utf-8", "surrogatepass")
        self._country = country
        self._known = lru_cache(maxsize=100_000)(self._make)

    def of(self, text: str, kind: Kind) -> str:
        """The pseudonym of a text; a blank one stays as it is."""
        return self._known(plain(text, kind, self._country)) if text.strip() else text

    def _make(self, text: str) -> str:
        digest = hmac.digest(self._key, text.encode("utf-8", "surrogatepass"), "sha256")
        return b32encode(digest[:_BYTES]).decode("ascii").lower()


def plain(text: str, kind: Kind, country: str | None = None) -> str:
    """The one spelling of what can be written in several: small, composed letters and single spaces."""
    same = " ".join(unicodedata.normalize("NFKC", text).casefold().split())
    if kind is Kind.PHONE:
        return _plain_phone(same, country)
    if kind in {Kind.IBAN, Kind.CARD, Kind.NATIONAL_ID}:
        return _NOT_A_SIGN.sub("", same) or same
    return same


def _plain_phone(text: str, country: str | None) -> str:
    international = f"+{text[2:]}" if text.startswith("00") else text
    try:
        number = phonenumbers.parse(international, country)
    except phonenumbers.NumberParseException:
        return re.sub(r"[^0-9+]", "", international) or text
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
