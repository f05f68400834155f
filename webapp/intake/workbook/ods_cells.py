"""A cell of an OpenDocument spreadsheet as text."""

import re
from dataclasses import dataclass, field

from webapp.intake.workbook.text import number_text

_DURATION = re.compile(r"PT([0-9]+)H([0-9]{1,2})M([0-9]{1,2})(?:[.,][0-9]+)?S")
_LEADING_ZEROS = re.compile(r"0+[0-9]+")


@dataclass(slots=True)
class OdsCell:
    """`attributes` have no prefixes; `times` is how often the cell is repeated; `paragraphs` are what it shows."""

    attributes: dict[str, str]
    times: int
    paragraphs: list[str] = field(default_factory=list)

    @property
    def text(self) -> str:
        """What the cell holds; a formula whose result was not saved is the formula itself."""
        kind = self.attributes.get("value-type", "")
        if not kind and "formula" in self.attributes and not self._shown:
            return "=" + self.attributes["formula"].removeprefix("of:").removeprefix("=")
        by_kind = {"float": self._number, "percentage": self._number, "currency": self._number}
        return {**by_kind, "date": self._date, "time": self._time, "boolean": self._truth}.get(kind, self._text)()

    @property
    def _shown(self) -> str:
        return "\n".join(self.paragraphs)

    def _text(self) -> str:
        said = self.attributes.get("string-value")
        return said or self._shown  # an error has an empty text for its value, and shows what it is

    def _number(self) -> str:
        number, shown = number_text(self.attributes.get("value", self._shown)), self._shown
        return shown if _LEADING_ZEROS.fullmatch(shown) and shown.lstrip("0") == number.lstrip("0") else number

    def _date(self) -> str:
        return self.attributes.get("date-value", self._shown).partition(".")[0].replace("T", " ")

    def _time(self) -> str:
        duration = _DURATION.fullmatch(self.attributes.get("time-value", ""))
        return ":".join(part.zfill(2) for part in duration.groups()) if duration else self._shown

    def _truth(self) -> str:
        return self.attributes.get("boolean-value", self._shown).upper()
