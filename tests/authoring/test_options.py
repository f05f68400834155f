"""Mistakes in the brackets of @job: each is said at once, with function, file, line and mend."""

import re
from collections.abc import Iterator, Mapping
from math import inf, nan
from pathlib import Path
from typing import Any

import pytest

from webapp.authoring import AuthoringError, JobError, ParamsError, Rejected, Retry, job, load_registry


def plain(*, x: int = 1) -> None:
    """Nothing."""


async def later(_: Mapping[str, Any]) -> dict[str, str]:
    return {}


async def later_undo(undo: object, ctx: object) -> None:
    """Does nothing when it is called."""


def piecewise(_undo: object, _ctx: object) -> Iterator[None]:
    yield


SECONDS = "write seconds, from 1 to"
BYTES = "memory_limit=500_000_000 is 500 MB"
FLAG = "write True or False"
MISTAKES: list[tuple[dict[str, Any], str]] = [
    ({"title": ""}, "on one line of at most 120 characters"),
    ({"title": 5}, "has title=5: write what operators call the job"),
    ({"title": "two\nlines"}, "on one line"),
    ({"title": "x" * 121}, "at most 120 characters"),
    ({"name": 5}, "has name=5: write a text"),
    ({"queue": 5}, "has queue=5: write a text"),
    ({"queue": None}, "has queue=None: write a text"),
    ({"queue": "Mail Box"}, "a queue's name is small letters"),
    ({"restart": 1}, f"has restart=1: {FLAG}"),
    ({"restart": None}, FLAG),
    ({"private": "yes"}, FLAG),
    ({"role": "boss"}, 'has role=\'boss\': write role="operator" or role="admin"'),
    ({"role": None}, "write role="),
    ({"time_limit": 0}, f"has time_limit=0: {SECONDS}"),
    ({"time_limit": -5}, SECONDS),
    ({"time_limit": True}, f"has time_limit=True: {SECONDS}"),
    ({"time_limit": "600"}, SECONDS),
    ({"time_limit": inf}, SECONDS),
    ({"time_limit": nan}, SECONDS),
    ({"memory_limit": 512}, f"has memory_limit=512: write bytes, a whole number of at least 128_000_000.*{BYTES}"),
    ({"memory_limit": 5e8}, BYTES),
    ({"memory_limit": True}, BYTES),
    ({"memory_limit": "500M"}, BYTES),
    ({"preview": 5}, "write a plain function that takes row, given, settings by name, as in preview=show_it"),
    ({"preview": lambda row: row}, "takes row, given, settings by name"),
    ({"trial": print}, "takes row, given, settings, to by name"),
    ({"confirm_above": "50"}, "write a whole number of rows, as in confirm_above=50"),
    ({"confirm_above": True}, "write a whole number of rows"),
    ({"retry": 3}, r"has retry=3: write retry=Retry\(attempts=3\)"),
    ({"retry": Retry}, r"write retry=Retry\(attempts=3\)"),
    ({"retry": Retry(attempts=0)}, "attempts counts all tries, the first one too: write a whole number from 2 to 100"),
    ({"retry": Retry(attempts=1)}, "attempts counts all tries"),
    ({"retry": Retry(attempts=True)}, "attempts counts all tries"),
    ({"retry": Retry(attempts=1000)}, "attempts counts all tries"),
    ({"retry": Retry(on=ConnectionError)}, r"as in on=\(ConnectionError,\)"),  # type: ignore[arg-type] # the mistake
    ({"retry": Retry(on=())}, "on takes kinds of exceptions"),
    ({"retry": Retry(on=(KeyboardInterrupt,))}, "on takes kinds of exceptions"),  # type: ignore[arg-type] # likewise
    ({"retry": Retry(on=(Rejected,))}, "Rejected says for good what becomes of a row"),
    ({"retry": Retry(first_seconds=-1)}, "write 0 <= first_seconds <= longest_seconds"),
    ({"retry": Retry(first_seconds=700)}, "first_seconds <= longest_seconds"),
    ({"retry": Retry(longest_seconds=inf)}, "first_seconds <= longest_seconds"),
    ({"one_at_a_time": 1}, "has one_at_a_time=1: write a plain function"),
    ({"one_at_a_time": lambda: ""}, "it has to take one argument, the parameters by name"),
    ({"check": "last"}, "has check='last': write a plain function"),
    ({"check": later}, "has check=later: write a plain function"),
    ({"check": lambda first, last: {}}, "it has to take one argument"),  # noqa: ARG005 (the mistake)
    ({"undo": "back"}, "has undo='back': write a plain function that takes undo and ctx, as in undo=take_back"),
    ({"undo": later_undo}, "has undo=later_undo: write a plain function that takes undo and ctx"),
    ({"undo": piecewise}, "has undo=piecewise: write a plain function"),
    ({"undo": lambda undo: None}, "that takes undo and ctx"),  # noqa: ARG005 (the mistake)
    ({"undo": lambda undo, ctx, more: None}, "that takes undo and ctx"),  # noqa: ARG005 (likewise)
    ({"icon": 5}, "has icon=5: write a text"),
    ({"icon": "tabel"}, "did you mean 'table'"),
    ({"accepts": ".csv"}, r"write the endings in brackets with a comma, as in accepts=\('\.csv',\)"),
    ({"example": 5}, "has example=5: write a text"),
    (
        {"titel": "A"},
        r"has the option 'titel' \(did you mean 'title'\?\): @job takes accepts, at_once, check, cleanup",
    ),
    ({"colour": "red"}, "has the option 'colour': @job takes"),
]


@pytest.mark.parametrize(
    ("options", "said"), MISTAKES, ids=[re.sub(" at 0x[0-9a-f]+", "", str(options))[:50] for options, _ in MISTAKES]
)
def test_a_wrong_option_names_function_file_line_and_mend(options: dict[str, Any], said: str) -> None:
    with pytest.raises(AuthoringError, match=rf"^plain \(test_options\.py:\d+\) .*{said}"):
        job(**options)(plain)


def test_missing_brackets_are_said() -> None:
    with pytest.raises(AuthoringError, match=r"^plain \(test_options\.py:\d+\) stands under @job without brackets"):
        job(plain)  # type: ignore[arg-type] # the mistake
    with pytest.raises(AuthoringError, match="dict stands under @job without brackets"):
        job(dict)  # type: ignore[arg-type] # the mistake
    with pytest.raises(AuthoringError, match=r"without a name: write @job\(title='Reorder'\)"):
        job("Reorder")(plain)  # type: ignore[arg-type] # the mistake


def test_what_is_right_is_taken() -> None:
    retry = Retry(attempts=2, on=(OSError,), first_seconds=0, longest_seconds=0)
    made = job(title="Größe", time_limit=1, memory_limit=128_000_000, retry=retry, one_at_a_time=str, accepts=[".csv"])  # type: ignore[arg-type] # a list does as well
    assert made(plain).job_type.retry is retry


def test_the_file_with_the_mistake_is_named_and_the_others_load(tmp_path: Path) -> None:
    head = "from webapp.authoring import job\n"
    (tmp_path / "bare.py").write_text(f"{head}@job\ndef bare(): ...\n")
    (tmp_path / "typo.py").write_text(f'{head}@job(titel="A")\ndef typo(): ...\n')
    (tmp_path / "fine.py").write_text(f"{head}@job()\ndef fine(): ...\n")
    registry = load_registry(packages=(), folders=[tmp_path])
    assert list(registry) == ["fine"]
    assert [(Path(broken.file).name, broken.error.split(" ", 2)[:2]) for broken in registry.broken] == [
        ("bare.py", ["bare", "(bare.py:2)"]),
        ("typo.py", ["typo", "(typo.py:2)"]),
    ]


def refuse(_: object) -> dict[str, str]:
    raise JobError("The shop is closed on Sundays.")


def crash(_: object) -> dict[str, str]:
    raise KeyError("customer")


@pytest.mark.parametrize("answer", ["no", ["last"], {"last": 5}, {5: "no"}, 7])
def test_a_check_that_answers_nonsense_refuses_in_plain_words_and_says_so_in_the_log(
    answer: object, caplog: pytest.LogCaptureFixture
) -> None:
    made = job(check=lambda _: answer)(plain)  # type: ignore[arg-type,return-value] # the mistake
    with pytest.raises(ParamsError, match=r"own code made an error while it looked at these entries"):
        made.job_type.validate({"x": 1})
    assert "check of plain answered" in caplog.text


def test_a_check_that_breaks_down_refuses_likewise(caplog: pytest.LogCaptureFixture) -> None:
    with pytest.raises(ParamsError) as refused:
        job(check=crash)(plain).job_type.validate({"x": 1})
    assert list(refused.value.problems) == [""]
    assert "KeyError: 'customer'" in caplog.text


def test_a_check_may_say_a_sentence_about_all_of_it_or_nothing() -> None:
    with pytest.raises(ParamsError, match="closed on Sundays"):
        job(check=refuse)(plain).job_type.validate({"x": 1})
    assert job(check=lambda _: None)(plain).job_type.validate({"x": 1})  # type: ignore[arg-type,return-value] # as one does


@pytest.mark.parametrize(("answer", "key"), [("Acme", "plain:Acme"), (7, "plain:7"), (None, None), ("", "plain:")])
def test_what_runs_one_at_a_time_may_be_said_by_any_plain_value(answer: object, key: str | None) -> None:
    job_type = job(one_at_a_time=lambda _: answer)(plain).job_type
    assert job_type.only_one_key(job_type.validate({})) == key


@pytest.mark.parametrize("function", [crash, lambda _: {"a": 1}])
def test_one_that_cannot_say_refuses_in_plain_words(function: Any) -> None:
    job_type = job(one_at_a_time=function)(plain).job_type
    with pytest.raises(ParamsError, match="own code made an error"):
        job_type.only_one_key(job_type.validate({}))
