"""Mask personal data: the built-in job that finds what a table says about people, and takes it away."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal, cast, get_args

from pydantic import BaseModel, Field, JsonValue, SecretStr

from webapp.authoring import ColumnName, Context, Table, job
from webapp.services.cleaning.countries import region_of
from webapp.services.outputs.formats import FORMAT_LABELS, Format
from webapp.services.personal.kinds import Kind, Treatment
from webapp.services.read_table import ReadTable

SAMPLE_ROWS = 20_000
SHORTEST_KEY = 12

What = Literal["treat", "find"]
WHAT_LABELS = {"treat": "Find it and take it away", "find": "Only find it"}
LookAt = Literal["all", "sample"]
LOOK_LABELS = {"all": "All rows", "sample": f"The first {SAMPLE_ROWS:,} rows"}
TREATMENTS: tuple[Treatment, ...] = get_args(Treatment)
TREATMENT_LABELS = {
    "mask": "Mask it",
    "hash": "Hash it with the key",
    "drop": "Leave it out",
    "keep": "Keep it",
}
TO_TREAT: dict[str, JsonValue] = {"shown_if": {"what": "treat"}}
Choice = Annotated[Treatment, Field(json_schema_extra={"labels": TREATMENT_LABELS})]


class Kinds(BaseModel):
    """What becomes of each kind of personal data."""

    email: Annotated[Choice, Field(title="E-mail addresses")] = "mask"
    phone: Annotated[Choice, Field(title="Phone numbers")] = "mask"
    iban: Annotated[Choice, Field(title="Bank accounts")] = "mask"
    card: Annotated[Choice, Field(title="Payment cards")] = "mask"
    national_id: Annotated[Choice, Field(title="National ids")] = "mask"
    birth_date: Annotated[Choice, Field(title="Dates of birth")] = "mask"
    name: Annotated[Choice, Field(title="Names of people")] = "mask"
    address: Annotated[Choice, Field(title="Streets and house numbers")] = "mask"
    ip: Annotated[Choice, Field(title="IP addresses")] = "mask"


class Columns(BaseModel):
    """Columns for which you decide, whatever is found in them."""

    mask: Annotated[tuple[ColumnName, ...], Field(title="Mask")] = ()
    hash: Annotated[tuple[ColumnName, ...], Field(title="Hash")] = ()
    drop: Annotated[tuple[ColumnName, ...], Field(title="Leave out")] = ()
    keep: Annotated[tuple[ColumnName, ...], Field(title="Keep")] = ()


def what_does_not_fit(params: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    problems = {}
    kinds, columns, country = params["kinds"], params["columns"], params["country"]
    chosen = [name for each in TREATMENTS for name in getattr(columns, each)]
    twice = next((name for name in chosen if chosen.count(name) > 1), None)
    if twice is not None:
        problems["columns"] = f"“{twice}” is chosen for two things. Choose one of them."
    hashes = columns.hash or "hash" in dict(kinds).values()
    if params["what"] == "treat" and hashes and params["key"] is None:
        problems["key"] = "Hashing needs a key: type one, and keep it for the next file."
    try:
        region_of(country)
    except ValueError as error:
        problems["country"] = f"“{country}” {error}."
    return problems


@job(title="Mask personal data", icon="shield", restart=True, private=True, check=what_does_not_fit)
def mask_personal_data(  # noqa: D417, PLR0913 (table and ctx are no fields of the form, and each of the others is one)
    table: Table,
    ctx: Context,
    *,
    what: Annotated[What, Field(title="What to do", json_schema_extra={"labels": WHAT_LABELS})] = "treat",
    kinds: Annotated[Kinds, Field(title="What becomes of it", default_factory=Kinds, json_schema_extra=TO_TREAT)],
    key: Annotated[
        SecretStr | None, Field(title="Key to hash with", min_length=SHORTEST_KEY, json_schema_extra=TO_TREAT)
    ] = None,
    columns: Annotated[Columns, Field(title="For single columns", default_factory=Columns, json_schema_extra=TO_TREAT)],
    inside: Annotated[bool, Field(title="Search inside of texts too", json_schema_extra=TO_TREAT)] = True,
    country: Annotated[
        str | None,
        Field(title="Country of phone numbers", max_length=60, json_schema_extra={"placeholder": "DE or Germany"}),
    ] = None,
    look_at: Annotated[LookAt, Field(title="Rows to judge by", json_schema_extra={"labels": LOOK_LABELS})] = "all",
    threshold: Annotated[int, Field(title="Least share, in per cent", ge=1, le=100)] = 50,
    format: Annotated[Format, Field(title="Format", json_schema_extra={"labels": FORMAT_LABELS, **TO_TREAT})] = "csv",  # noqa: A002
    protect: Annotated[bool, Field(title="Make it safe for spreadsheets", json_schema_extra=TO_TREAT)] = True,
) -> None:
    """Find personal data in a table, and mask it, hash it or leave it out.

    It is found by the names of columns in several languages, and by what cells hold: e-mail addresses, phone numbers,
    bank accounts, payment cards, national ids of many countries and IP addresses. A report says which columns hold
    what and how many cells were changed, and never shows a value.

    Names of people and dates of birth are found by the names of their columns only: look at the report before you
    give the file away.

    Args:
        what: To only find it makes the report, and no table.
        kinds: Masked, john@example.com is j***@e***.com, and of numbers the last digits stay, four at most. In a column
            that is all of a kind every cell is treated; leaving it out takes the column away.
        key: Like a password, of 12 characters or more. The same key gives the same hash for the same person in each
            file, so that files can still be joined; nobody can tell who it is without the key.
        columns: They are treated so whatever is found.
        inside: An address or number in a remark is treated as well, and so are the names of the row's own people.
        country: Numbers that begin without +49 or the like are numbers of that country. If you name none, it is the
            country of the numbers in the file that have one; if those are of several, none is looked for.
        look_at: When it is taken away, every cell is searched in either case.
        threshold: A column counts as personal data if so many of its filled cells are that, or if its name says so
            and is so sure: 95 for e-mail, 60 for a mere name.
        format: A CSV parts its cells as your file does. In Excel and Parquet every cell is a text, so that 007 stays
            007.
        protect: For CSV that will be opened in a spreadsheet: a cell that would be run as a formula gets a ' in front,
            and the file is marked as UTF-8.
    """
    from webapp.services.personal.pseudonyms import Pseudonyms  # noqa: PLC0415 (heavy: only its jobs wait for it)
    from webapp.services.personal.search import Searcher  # noqa: PLC0415
    from webapp.services.personal.treat import Treatments  # noqa: PLC0415
    from webapp.services.personal.work import Masking  # noqa: PLC0415

    masking = Masking(cast("ReadTable", table), ctx, Searcher(region_of(country)))
    masking.find(threshold / 100, SAMPLE_ROWS if look_at == "sample" else None)
    if what == "find":
        masking.leave()
    else:
        pseudonyms = Pseudonyms(key.get_secret_value(), masking.country) if key else None
        of_kinds = {Kind(kind): treatment for kind, treatment in kinds}
        treatments = Treatments(of_kinds, treatment_of_columns(columns), inside, pseudonyms)
        masking.treat(treatments, format, protect=protect)
    masking.report()


def treatment_of_columns(columns: Columns) -> dict[str, Treatment]:
    """What the operator has decided, by column."""
    return {name: treatment for treatment in TREATMENTS for name in getattr(columns, treatment)}
