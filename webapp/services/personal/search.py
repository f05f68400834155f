"""Personal data in a text: where it stands, and what it is."""

import re
from collections.abc import Iterator
from ipaddress import ip_address
from typing import Final, NamedTuple

import phonenumbers
from stdnum import iban, luhn

from webapp.services.personal.kinds import Kind
from webapp.services.personal.national import TEXT as NATIONAL
from webapp.services.personal.national import has_right_shape

_ANYTHING = re.compile(r"@|[0-9](?:[^0-9]{0,3}[0-9]){3}|::")
_SHORT, _SHORT_NUMBER = 7, re.compile(r"[0-9]{1,6}|[0-9]+[.,][0-9]+", re.ASCII)
"""So few digits, with one point at most, are nothing that is looked for: most cells of most tables."""
_EMAIL = re.compile(r"[\w.%+'-]{1,64}@(?:[\w-]{1,63}\.)+[^\W\d_]{2,24}(?![\w-])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}[0-9]{2}(?: ?[A-Z0-9]{2,4}){3,8}(?![a-z])", re.ASCII)
_CARD = re.compile(r"(?<![0-9A-Za-z.,+-])[2-6](?:[ -]?[0-9]){12,18}(?![0-9])", re.ASCII)
_PHONE = re.compile(r"(?<![\w.,/-])(?:\+|\(\+|\()?[0-9](?:[ ()./-]{0,3}[0-9]){6,16}(?![\w/-]|[.,][0-9])", re.ASCII)
_IP = re.compile(r"(?<![\w.])(?:[0-9]{1,3}\.){3}[0-9]{1,3}(?![\w.]*[0-9])", re.ASCII)
_ISSUERS = re.compile(r"4|5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|3[47]|3(?:0[0-5]|[68])|6(?:011|4[4-9]|5)|35|62")
_SHORTEST_IBAN, _LONGEST_LOOKED_AT = 15, 100_000
_NOT_A_PHONE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}[./][0-9]{1,2}[./][0-9]{2,4}")
_LOCAL = re.compile(r"(?<![\w.,/+-])\(?0[1-9](?:[ ()./-]{0,3}[0-9]){6,11}(?![\w/-]|[.,][0-9])", re.ASCII)
"""Like a phone number of some country, written for those who live there."""
_MORE_THAN_DIGITS = re.compile(r"[^0-9\s]|[0-9]\s+[0-9]")
_WORLD = "001"
"""What numbers of no country, as +800, are said to be of."""
CONTENTS: Final = (Kind.EMAIL, Kind.IBAN, Kind.CARD, Kind.NATIONAL_ID, Kind.PHONE, Kind.IP)
"""The kinds that contents show, the surer ones first."""


class Hit(NamedTuple):
    """A place in a text."""

    start: int
    end: int
    kind: Kind


class Searcher:
    """Finds personal data in texts. Numbers without +49 or the like are phone numbers of the `country`, if any."""

    def __init__(self, country: str | None = None) -> None:
        self.country = country
        self.countries: set[str] = set()
        """Those of the numbers with +49 or the like that were found."""

    def search(self, text: str) -> list[Hit]:
        """All that is found, from left to right; no two overlap."""
        if (len(text) <= _SHORT and _SHORT_NUMBER.fullmatch(text)) or not _ANYTHING.search(text):
            return []
        hits: list[Hit] = []
        for begin in range(0, len(text), _LONGEST_LOOKED_AT):
            for hit in self._hits(text[begin : begin + _LONGEST_LOOKED_AT]):
                start, end = hit.start + begin, hit.end + begin
                if not any(start < other.end and other.start < end for other in hits):
                    hits.append(Hit(start, end, hit.kind))
        return sorted(hits)

    def whole(self, text: str) -> Kind | None:
        """What the text is, if it is one piece of personal data and nothing else."""
        return self.look(text)[0]

    def look(self, text: str) -> tuple[Kind | None, frozenset[Kind]]:
        """What the text is as a whole; if that is nothing, what stands in it."""
        stripped = text.strip()
        hits = self.search(stripped)
        if len(hits) == 1 and (hits[0].start, hits[0].end) == (0, len(stripped)):
            return hits[0].kind, frozenset()
        if ":" in stripped and _is_ip(stripped):
            return Kind.IP, frozenset()
        return None, frozenset(hit.kind for hit in hits)

    def _hits(self, text: str) -> Iterator[Hit]:
        if "@" in text:
            yield from (Hit(*found.span(), Kind.EMAIL) for found in _EMAIL.finditer(text))
        yield from _ibans(text)
        yield from (Hit(*found.span(), Kind.CARD) for found in _CARD.finditer(text) if _is_card(found[0]))
        for found in NATIONAL.finditer(text):
            if has_right_shape(found[0]):
                yield Hit(*found.span(), Kind.NATIONAL_ID)
        yield from (Hit(*found.span(), Kind.IP) for found in _IP.finditer(text) if _is_ip(found[0]))
        yield from (Hit(*found.span(), Kind.PHONE) for found in _PHONE.finditer(text) if self.is_phone(found[0]))

    def is_phone(self, text: str) -> bool:
        """Whether there is such a phone number."""
        international = text.startswith(("+", "(+", "00"))
        if not international and (self.country is None or _NOT_A_PHONE.fullmatch(text)):
            return False
        plain = f"+{text[2:]}" if text.startswith("00") else text
        try:
            number = phonenumbers.parse(plain, None if international else self.country)
        except phonenumbers.NumberParseException:
            return False
        valid = phonenumbers.is_valid_number(number)
        region = phonenumbers.region_code_for_number(number) if valid and international else None
        if region and region != _WORLD:
            self.countries.add(region)
        return valid

    def holds_local(self, text: str) -> bool:
        """Whether a text holds what may be a phone number, and is not looked for because its country is not known."""
        if self.country is not None or not _MORE_THAN_DIGITS.search(text):
            return False
        hits = self.search(text)
        return any(
            not _NOT_A_PHONE.match(found[0])
            and not any(hit.start < found.end() and found.start() < hit.end for hit in hits)
            for found in _LOCAL.finditer(text[:_LONGEST_LOOKED_AT])
        )


def _ibans(text: str) -> Iterator[Hit]:
    """What stands behind an account in capitals may look like more of it: the longest that is right counts."""
    for found in _IBAN.finditer(text):
        for end in range(len(found[0]), _SHORTEST_IBAN - 1, -1):
            if iban.is_valid(found[0][:end]):
                yield Hit(found.start(), found.start() + len(found[0][:end].rstrip()), Kind.IBAN)
                break


def _is_card(text: str) -> bool:
    digits = re.sub(r"[ -]", "", text)
    return bool(_ISSUERS.match(digits)) and luhn.is_valid(digits)


def _is_ip(text: str) -> bool:
    try:
        ip_address(text)
    except ValueError:
        return False
    return True
