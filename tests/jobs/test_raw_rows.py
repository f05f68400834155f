"""A row job over any columns: what is readable passes, and reaches the function as it stands."""

from tests.jobs.bench import Bench
from webapp.jobs.claims import Task
from webapp.jobs.submission import Submission
from webapp.store.database import connect
from webapp.store.tables import State

TEXT = 'Name,Postcode,stop\nAda,01069,\n"Bob\n Dole",1.5e3,yes\nEve,2,3,4\n Zoe ,,\n'


def kept(bench: Bench) -> list[tuple[object, ...]]:
    """What is in the data database."""
    engine = connect(bench.settings.data_database)
    with engine.connect() as connection:
        rows = [tuple(row) for row in connection.exec_driver_sql("SELECT * FROM any_rows")]
    engine.dispose()
    return rows


def test_the_check_passes_every_readable_record(bench: Bench) -> None:
    checked = bench.run_waiting(bench.prepare("keep_any_rows", TEXT), Task.check)
    assert checked.findings is not None
    assert (checked.state, checked.match) == (State.ready, None)
    assert (checked.findings["rows"], checked.findings["rejected"]) == (4, 1)


def test_each_row_has_the_texts_of_all_its_cells(bench: Bench) -> None:
    job = bench.run("keep_any_rows", TEXT)
    assert bench.counts(job.id) == {"done": 2, "rejected": 2}
    assert kept(bench) == [("Ada", "01069", ""), (" Zoe ", "", "")]


def test_a_row_that_the_function_rejects_has_its_column_and_cell(bench: Bench) -> None:
    job = bench.run("keep_any_rows", TEXT)
    rejected = next(entry for entry in bench.entries(job.id) if entry.first_row == 2)
    assert (rejected.column, rejected.found, rejected.reason) == ("stop", "yes", "is to stop here")


def test_failed_rows_that_come_back_mended_have_no_column_of_the_desks(bench: Bench) -> None:
    upload = bench.upload("Name,stop,error\nBob,no,stop is to stop here\n'=1,,x\n", "people-failed-rows.csv")
    job_id = bench.submissions.submit(Submission(bench.user, "keep_any_rows", upload), {}).id
    assert bench.run_waiting(job_id).state is State.completed
    assert kept(bench) == [("Bob", "no"), ("=1", "")]
