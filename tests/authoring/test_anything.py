"""Whatever a client sends: a sentence for each field, or parameters that can be stored and come back equal."""

import json
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Annotated, Literal

from hypothesis import given
from hypothesis import strategies as st
from pydantic import BaseModel, EmailStr, Field, SecretStr
from starlette.datastructures import FormData, UploadFile

from tests.authoring.support import Browser, render
from webapp.authoring import ColumnName, ParamsError, Table, job

COLUMNS = ("email", "name")


class Mode(StrEnum):
    ADD = "add"
    REPLACE = "replace"


class Address(BaseModel):
    street: str
    floor: float | None = None
    opened: datetime | None = None
    key: SecretStr | None = None


@job()
def everything(  # noqa: PLR0913 - one of each kind
    data: Table,
    *,
    key: ColumnName,
    keep: list[ColumnName],
    mode: Mode,
    address: Address,
    second: Address | None = None,
    name: Annotated[str, Field(max_length=40)] = "",
    note: Annotated[str, Field(max_length=400)] = "",
    count: Annotated[int, Field(ge=0)] = 0,
    share: float = 0.5,
    amount: Decimal = Decimal("1.50"),
    active: bool = True,
    maybe: bool | None = None,
    day: date | None = None,
    moment: datetime | None = None,
    mail: EmailStr | None = None,
    parts: tuple[Literal[1, 2], ...] = (1,),
    numbers: tuple[int, ...] = (),
    labels: Annotated[dict[str, str], Field(default_factory=dict)] = Field(default_factory=dict),  # noqa: B008 - pydantic's way
    token: SecretStr | None = None,
) -> None:
    """Take one of each kind."""


JOB = everything.job_type
VALID = {"key": "email", "keep": ["name"], "mode": "add", "address": {"street": "High St"}}
WORDS = st.sampled_from(
    ["1", "-1", "1.5", "true", "add", "2026-01-31", "2026-01-31T14:30", "email", "nan", "", " ", "a\x00"]
)
TEXT = WORDS | st.text(max_size=12)
NAMES = st.sampled_from([*JOB.params_model.model_fields, "street", "floor", "opened", "key", "colour"])
JSON = st.recursive(
    TEXT | st.none() | st.booleans() | st.integers() | st.floats(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(NAMES | TEXT, inner, max_size=4),
    max_leaves=12,
)
FORM_NAMES = sorted({name for name, _ in Browser(render(JOB.fields(COLUMNS))).sent} | {"params.parts", "params.active"})


def check(raw: dict[str, object]) -> None:
    try:
        params = JOB.validate(raw, COLUMNS)
    except ParamsError as refused:
        problems = refused.problems
    else:
        stored = json.loads(json.dumps(JOB.dump(params), allow_nan=False))
        assert JOB.load(stored, JOB.secrets(params)) == params
        return
    assert problems
    assert all(sentence.endswith(".") for sentence in problems.values())
    render(JOB.fields(COLUMNS, raw, problems))


@given(st.dictionaries(NAMES, JSON, max_size=6))
def test_any_json_is_refused_in_words_or_stored(raw: dict[str, object]) -> None:
    check(VALID | raw)


@given(st.lists(st.tuples(st.sampled_from(FORM_NAMES), TEXT), max_size=30))
def test_any_form_is_refused_in_words_or_stored(sent: list[tuple[str, str | UploadFile]]) -> None:
    check(VALID | JOB.parse_form(FormData(sent), COLUMNS))


def test_the_page_sent_back_untouched_gives_the_defaults() -> None:
    raw = JOB.parse_form(Browser(render(JOB.fields(COLUMNS, VALID))).form, COLUMNS)
    assert JOB.validate(raw, COLUMNS) == JOB.validate(VALID, COLUMNS)
