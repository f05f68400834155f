"""What an operator settles about a job's file, from a form or from JSON; the rest is found."""

import codecs
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, Final, Literal, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints, TypeAdapter, ValidationError

from webapp.errors import BadInput
from webapp.intake import Choices, explain
from webapp.intake.choices import NO_CHOICES

MOST_LINES = 2**53
MOST_HEADER_ROWS = 10

ENCODINGS: Final = {
    "utf-8": "UTF-8",
    "utf-16-le": "UTF-16",
    "utf-16-be": "UTF-16, big-endian",
    "utf-32-le": "UTF-32",
    "utf-32-be": "UTF-32, big-endian",
    "cp1252": "Western European (Windows)",
    "latin-1": "Western European (Latin-1)",
    "iso8859-15": "Western European (Latin-9)",
    "mac-roman": "Western European (Mac)",
    "cp850": "Western European (DOS)",
    "cp437": "American (DOS)",
    "cp1250": "Central European (Windows)",
    "iso8859-2": "Central European (Latin-2)",
    "cp852": "Central European (DOS)",
    "cp1251": "Cyrillic (Windows)",
    "koi8-r": "Cyrillic (KOI8-R)",
    "koi8-u": "Ukrainian (KOI8-U)",
    "cp866": "Cyrillic (DOS)",
    "iso8859-5": "Cyrillic (ISO)",
    "mac-cyrillic": "Cyrillic (Mac)",
    "cp1253": "Greek (Windows)",
    "iso8859-7": "Greek (ISO)",
    "cp1254": "Turkish (Windows)",
    "iso8859-9": "Turkish (Latin-5)",
    "cp1255": "Hebrew (Windows)",
    "iso8859-8": "Hebrew (ISO)",
    "cp1256": "Arabic (Windows)",
    "iso8859-6": "Arabic (ISO)",
    "cp1257": "Baltic (Windows)",
    "iso8859-4": "Baltic (Latin-4)",
    "iso8859-13": "Baltic (Latin-7)",
    "cp1258": "Vietnamese (Windows)",
    "cp874": "Thai (Windows)",
    "tis-620": "Thai (TIS-620)",
    "shift_jis": "Japanese (Shift-JIS)",
    "cp932": "Japanese (Windows)",
    "euc_jp": "Japanese (EUC)",
    "gb18030": "Chinese, simplified (GB18030)",
    "big5": "Chinese, traditional (Big5)",
    "cp950": "Chinese, traditional (Windows)",
    "euc_kr": "Korean (EUC)",
    "cp949": "Korean (Windows)",
}
"""The encodings that can be chosen, in an operator's words, by the name that Python has for each."""

DateStyle = Literal["dmy", "mdy"]


@dataclass(frozen=True, slots=True)
class Settled:
    """How the file is read, and what is done with its columns and rows.

    `match` gives fields of the row model their column, or None for no column; `dates` says for columns whether days
    or months come first; `repair` whether broken records are taken as their repair suggests.
    """

    file: Choices = NO_CHOICES
    match: Mapping[str, str | None] = field(default_factory=dict)
    dates: Mapping[str, DateStyle] = field(default_factory=dict)
    repair: bool = False

    def to_json(self) -> dict[str, Any]:
        """What is settled, for the job's `choices`."""
        data = {"file": self.file.to_json(), "match": dict(self.match), "dates": dict(self.dates)}
        return {name: part for name, part in {**data, "repair": self.repair}.items() if part}

    def entered(self) -> dict[str, Any]:
        """The same as `checked` takes it."""
        data = self.to_json()
        return {**data.pop("file", {}), **data}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """The same again."""
        return cls(**{**data, "file": Choices.from_json(data.get("file", {}))})

    @classmethod
    def checked(cls, raw: Mapping[str, Any]) -> Self:
        """What was entered: the names of `Choices`, and beside them `match`, `dates` and `repair`.

        Raises:
            BadInput: some of it can't be; by its names.
        """
        try:
            entered = _ENTERED.validate_python(raw)
        except ValidationError as error:
            raise BadInput(_problems(error)) from error
        file = {each.name: getattr(entered, each.name) for each in fields(Choices)}
        return cls(Choices(**file), entered.match, entered.dates, entered.repair)


NOTHING_SETTLED = Settled()


def _known_encoding(name: str) -> str:
    try:
        found = codecs.lookup(name).name
    except (LookupError, ValueError):
        found = ""
    encoding = "latin-1" if found == "iso8859-1" else found
    if encoding not in ENCODINGS:
        raise ValueError("is not an encoding that the desk knows")
    return encoding


def _parts_cells(delimiter: str) -> str:
    if any(character.isalnum() or character in "\r\n\"'\0" for character in delimiter):
        raise ValueError("can't be a letter, a digit, a quote or a line break")
    return delimiter


def _quotes_cells(quote: str) -> str:
    if quote not in {'"', "'", ""}:
        raise ValueError("can only be \" or ', or nothing")
    return quote


def _escapes(escape: str) -> str:
    if escape not in {"\\", ""}:
        raise ValueError("can only be \\, or nothing")
    return escape


ColumnName = Annotated[str, StringConstraints(min_length=1, max_length=10_000)]


class _Entered(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)

    sheet: Annotated[str, StringConstraints(min_length=1, max_length=255)] | None = None
    encoding: Annotated[str, AfterValidator(_known_encoding)] | None = None
    delimiter: Annotated[str, StringConstraints(max_length=2), AfterValidator(_parts_cells)] | None = None
    quote: Annotated[str, AfterValidator(_quotes_cells)] | None = None
    escape: Annotated[str, AfterValidator(_escapes)] | None = None
    header_line: Annotated[int, Field(ge=0, le=MOST_LINES)] | None = None
    header_rows: Annotated[int, Field(ge=1, le=MOST_HEADER_ROWS)] | None = None
    last_line: Annotated[int, Field(ge=0, le=MOST_LINES)] | None = None
    match: dict[str, ColumnName | None] = Field(default_factory=dict, max_length=1000)
    dates: dict[str, DateStyle] = Field(default_factory=dict, max_length=20_000)
    repair: bool = False


_ENTERED = TypeAdapter(_Entered)


def _problems(error: ValidationError) -> dict[str, str]:
    problems: dict[str, str] = {}
    for details in error.errors(include_url=False):
        name, *place = map(str, details["loc"])
        subject = f"{_SUBJECTS[name]}{f' of {place[0]}' if place else ''}" if name in _SUBJECTS else f"“{name}”"
        problems.setdefault(".".join([name, *place[:1]]), f"{subject} {explain(details)}.")
    return problems


_SUBJECTS = {
    "sheet": "The sheet",
    "encoding": "The encoding",
    "delimiter": "What divides the cells",
    "quote": "The quotation mark",
    "escape": "The escape character",
    "header_line": "The line of the header",
    "header_rows": "The number of header lines",
    "last_line": "The last line of the table",
    "match": "The column",
    "dates": "The way of writing days",
    "repair": "Whether to repair",
}
