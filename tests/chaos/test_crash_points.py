"""A process dies at each of the places where it would hurt, at each kind of sink: nothing lost, nothing doubled."""

from collections.abc import Iterator

import pytest

from tests.chaos.audit import Verdict
from tests.chaos.points import CrashHouse
from tests.chaos.sinks import SINKS
from tests.postgres import PostgresServer

SINK = {sink.name: sink for sink in SINKS}
LEDGER = ("before the ledger's commit", "in the ledger's commit", "after the ledger's commit")
DATA = ("before the data's commit", "in the data's commit", "after the data's commit")
SENDING = ("before sending", "after sending")
END = ("after beginning", "before the end", "in the end", "after the end")
RESULT = (
    "at the beginning of the result file",
    "at the end of the result file",
    "after the result file",
    "in the result",
    "after the result",
)
SERVER = ("before starting a child", "after starting a child")
TAKING_BACK = ("in taking the marker", "before settling", "after settling", "in taking back", "after taking back")

CASES = [
    *((sink, place, 2) for sink in ("data", "load", "clean", "own") for place in LEDGER),
    *(("hook", place, 4) for place in LEDGER),
    *((sink, place, 2) for sink in ("keyed", "hook", "mail") for place in SENDING),
    *((sink, place, 2) for sink in ("data", "load") for place in DATA),
    *(("plain", place, 1) for place in (*LEDGER, *DATA)),
    *((sink, place, 1) for sink in ("data", "clean") for place in END),
    *(("data", place, 1) for place in SERVER),
    *(("clean", place, 1) for place in RESULT),
]

FROZEN = [
    ("own", "before the ledger's commit"),
    ("data", "before the data's commit"),
    ("data", "before the ledger's commit"),
    ("keyed", "before sending"),
    ("hook", "before the ledger's commit"),
    ("hook", "before sending"),
    ("mail", "after sending"),
]


ON_POSTGRES = [
    *((sink, place, 2) for sink in ("own", "data") for place in LEDGER),
    *(("data", place, 2) for place in DATA),
    *((sink, "after sending", 2) for sink in ("keyed", "hook")),
    ("plain", "in the end", 1),
]


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CrashHouse]:
    yield from lived_in(CrashHouse(tmp_path_factory.mktemp("crash")))


@pytest.fixture(scope="module")
def postgres_house(
    tmp_path_factory: pytest.TempPathFactory, postgres_server: PostgresServer, postgres_template: str
) -> Iterator[CrashHouse]:
    name = postgres_server.create_database(postgres_template)
    yield from lived_in(CrashHouse(tmp_path_factory.mktemp("crash"), database_url=postgres_server.url(name)))
    postgres_server.drop_database(name)


def lived_in(house: CrashHouse) -> Iterator[CrashHouse]:
    """A house for all tests, that is audited as a whole when they are done."""
    try:
        yield house.start()
        assert house.audit().findings == []
    finally:
        house.stop()


@pytest.mark.parametrize(("sink", "place", "nth"), CASES)
def test_each_row_has_its_effect_once_whoever_dies_where(sink: str, place: str, nth: int, house: CrashHouse) -> None:
    assert_all_is_well(sink, place, house.crash(SINK[sink], (place, nth)))


@pytest.mark.parametrize(("sink", "place", "nth"), ON_POSTGRES)
def test_the_same_on_postgres(sink: str, place: str, nth: int, postgres_house: CrashHouse) -> None:
    assert_all_is_well(sink, place, postgres_house.crash(SINK[sink], (place, nth)))


def assert_all_is_well(sink: str, place: str, verdict: Verdict) -> None:
    """The job has done all that could be done; a row is unknown only where nobody can know."""
    assert (verdict.findings, verdict.well) == ([], 1)
    if place in SENDING:
        assert verdict.unknown == SINK[sink].may_be_unknown


@pytest.mark.parametrize(("sink", "place"), FROZEN)
def test_a_worker_that_wakes_when_another_has_done_its_job_does_nothing_more(
    sink: str, place: str, house: CrashHouse
) -> None:
    verdict = house.freeze(SINK[sink], place, 3)
    assert (verdict.findings, verdict.well) == ([], 1)


@pytest.mark.parametrize(
    ("sink", "place"), [("own", "before the ledger's commit"), ("data", "before the data's commit")]
)
def test_it_does_nothing_more_on_postgres_either(sink: str, place: str, postgres_house: CrashHouse) -> None:
    verdict = postgres_house.freeze(SINK[sink], place, 3)
    assert (verdict.findings, verdict.well) == ([], 1)


@pytest.mark.parametrize("place", TAKING_BACK)
def test_who_takes_a_job_back_may_die_as_well(place: str, house: CrashHouse) -> None:
    verdict = house.crash(SINK["data"], ("after the data's commit", 2), (place, 1))
    assert (verdict.findings, verdict.well) == ([], 1)
