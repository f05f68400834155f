"""What was matched once is known the next time: for the same header, and for one that has changed a little."""

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from uuid import UUID

import pytest
from pydantic import BaseModel
from sqlmodel import select

from tests.jobs.bench import Bench
from webapp.intake import How, Match, settle_match
from webapp.jobs import mapping_memory
from webapp.jobs.mapping_memory import Memory, recall, remember
from webapp.store.tables import Job, RememberedMatch

pytestmark = pytest.mark.both_databases

HEADER = "Number,Deed,Fax"


def row_model(bench: Bench) -> type[BaseModel]:
    model = bench.shop.registry.get("keep_rows").row_model
    assert model
    return model


def started(bench: Bench, header: str, chosen: dict[str, str | None], by: str = "ada") -> None:
    """Start a job over a file with this header, its columns matched like this."""
    user = bench.person(by)
    job_id = bench.prepare("keep_rows", f"{header}\n1,,\n")
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        job.match = settle_match(header.split(","), {}, row_model(bench), chosen=chosen).to_json()
        remember(session, user, job)


def recalled(bench: Bench, header: str, job_type: str = "keep_rows") -> Memory | None:
    with bench.database.read() as session:
        return recall(session, job_type, header.split(","))


@pytest.fixture
def known(bench: Bench) -> Bench:
    """A desk where the columns of HEADER were chosen once."""
    started(bench, HEADER, {"id": "Number", "do": "Deed"})
    return bench


def test_nothing_is_remembered_of_what_never_came(bench: Bench) -> None:
    assert recalled(bench, HEADER) is None


def test_a_header_is_known_whatever_its_case_and_spaces(known: Bench) -> None:
    memory = recalled(known, "NUMBER,De-ed,fax")
    assert memory is not None
    assert memory.remembered.pairs == {"id": "NUMBER", "do": "De-ed"}
    assert (memory.remembered.renamed, memory.drift.sentence, memory.by) == ({}, "", "ada")


@pytest.mark.parametrize("added", [",error", ",error,row (leave as it is),mark (leave as it is)"])
def test_what_the_desk_has_added_itself_is_not_said_to_be_new(known: Bench, added: str) -> None:
    memory = recalled(known, f"{HEADER}{added}")
    assert memory is not None
    assert memory.drift.sentence == ""
    started(known, f"{HEADER}{added},Notes", {"id": "Number", "do": "Deed"})
    back = recalled(known, f"{HEADER},Notes")
    assert back is not None
    assert "error" not in back.drift.sentence


def test_a_header_that_has_changed_is_known_and_the_changes_are_said(known: Bench) -> None:
    memory = recalled(known, "Numbers,Deed,Notes")
    assert memory is not None
    assert memory.drift.sentence == "Number is now Numbers; Notes is new; Fax is gone."
    assert memory.remembered.pairs == {"id": "Numbers", "do": "Deed"}
    match = settle_match(["Numbers", "Deed", "Notes"], {}, row_model(known), memory.remembered)
    assert match.how == {"id": How.REMEMBERED, "do": How.REMEMBERED}
    assert match.doubtful == ("id",)


def test_a_header_that_is_another_is_not_known(known: Bench) -> None:
    assert recalled(known, "Number,Colour,Size,Weight") is None


def test_what_is_remembered_is_for_one_job_type(known: Bench) -> None:
    assert recalled(known, HEADER, "fussy_rows") is None


def test_the_newest_choice_counts_whoever_made_it(known: Bench) -> None:
    started(known, HEADER, {"id": "Fax", "do": None}, by="eve")
    memory = recalled(known, HEADER)
    assert memory is not None
    assert (memory.remembered.pairs, memory.by) == ({"id": "Fax", "do": None}, "eve")


def test_of_several_the_closest_is_taken(known: Bench) -> None:
    started(known, "Number,Deed,Fax,Notes", {"id": "Fax"})
    memory = recalled(known, "Number,Deed,Fax,Notes,Colour")
    assert memory is not None
    assert memory.remembered.pairs["id"] == "Fax"
    assert memory.drift.sentence == "Colour is new."


def test_a_job_that_was_not_matched_leaves_nothing(bench: Bench) -> None:
    job_id = bench.prepare("keep_rows", "id,do\n1,\n")
    with bench.database.write() as session:
        job = session.get_one(Job, job_id)
        job.match = None
        remember(session, bench.user, job)
    assert recalled(bench, "id,do") is None


def test_a_header_of_endless_names_is_not_remembered(bench: Bench) -> None:
    header = f"Number,{'x' * mapping_memory.LONGEST_HEADER},Fax"
    started(bench, header, {"id": "Number"})
    assert recalled(bench, header) is None


def test_the_oldest_is_forgotten(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mapping_memory, "MOST_KEPT", 2)
    for header in ("A1,A2,A3", "B1,B2,B3", "C1,C2,C3"):
        started(bench, header, {"id": header[:2]})
    assert recalled(bench, "A1,A2,A3") is None
    assert recalled(bench, "B1,B2,B3") is not None
    with bench.database.read() as session:
        assert len(session.exec(select(RememberedMatch)).all()) == 2


def test_a_stored_match_with_a_job_comes_back(known: Bench) -> None:
    match = settle_match(["Number", "Deed"], {}, row_model(known), chosen={"id": "Number", "do": None})
    job_id = known.prepare("keep_rows", "Number,Deed\n1,\n")
    with known.database.write() as session:
        session.get_one(Job, job_id).match = match.to_json()
    stored = known.job(job_id).match
    assert stored is not None
    assert Match.from_json(stored) == match


def test_the_same_header_started_twice_in_one_moment_is_remembered_once(bench: Bench) -> None:
    job_ids = [bench.prepare("keep_rows", f"{HEADER}\n1,,\n") for _ in range(4)]
    gate = Barrier(len(job_ids))

    def start(job_id: UUID) -> None:
        with bench.database.read() as session:
            job = session.get_one(Job, job_id)
        chosen: dict[str, str | None] = {"id": "Number", "do": "Deed"}
        job.match = settle_match(HEADER.split(","), {}, row_model(bench), chosen=chosen).to_json()
        gate.wait(60)
        with bench.database.write() as session:
            remember(session, bench.user, job)

    with ThreadPoolExecutor(len(job_ids)) as pool:
        list(pool.map(start, job_ids))
    with bench.database.read() as session:
        assert len(session.exec(select(RememberedMatch)).all()) == 1
