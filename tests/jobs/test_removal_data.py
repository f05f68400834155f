"""What the database that an ended job wrote into keeps of its rows for the desk goes too."""

from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import inspect

from tests.elsewhere import NAME, Elsewhere
from tests.jobs.bench import Bench
from webapp.errors import Refused
from webapp.jobs.housekeeping import remove_old
from webapp.jobs.removal import Removals
from webapp.services.data import FenceLostError
from webapp.store.database import connect
from webapp.store.tables import Role, State, User

pytestmark = pytest.mark.both_databases
CANARY = "canary@example.com"
WRONG = "id,do\n1,\n2,reject\n"
FOUND = '"found": "reject"'
PEOPLE = f"id,mail\n1,{CANARY}\n2,b@example.com\n"


def beside_tables(url: str, job_id: UUID) -> str:
    """All that is kept there for the desk."""
    engine = connect(url)
    with engine.connect() as connection:
        names = [name for name in inspect(connection).get_table_names() if name.startswith("batchdesk_")]
        rows = {name: connection.exec_driver_sql(f"SELECT * FROM {name}").all() for name in names}
    engine.dispose()
    assert names, f"job {job_id} has left nothing at all"
    return "\n".join(f"{name}: {row}" for name in rows for row in (*rows[name], "that is all"))


def test_the_account_of_its_last_batch_goes_and_no_older_claim_can_write(
    bench: Bench, removals: Removals, admin: User
) -> None:
    job = bench.run("keep_rows", WRONG, table="kept")
    assert FOUND in beside_tables(bench.settings.data_database, job.id)
    removals.remove(admin, job.id)
    assert bench.job(job.id).removed_at is not None
    assert FOUND not in beside_tables(bench.settings.data_database, job.id)
    with pytest.raises(FenceLostError):
        bench.data.own.take(job.id, job.fence - 1)
    assert bench.kept() == [1]


def test_the_rows_before_and_after_a_load_go_and_its_table_stays(bench: Bench, removals: Removals, admin: User) -> None:
    job = bench.run("load_table", PEOPLE, table="people")
    assert job.state is State.completed, job.problem
    assert CANARY in beside_tables(bench.settings.data_database, job.id)
    removals.remove(admin, job.id)
    left = beside_tables(bench.settings.data_database, job.id)
    assert (CANARY in left, f"batchdesk_undo_{job.id.hex}" in left) == (False, False)
    assert str(job.id) in left, "that it was loaded is known"
    assert bench.kept("people") == [1, 2]
    with pytest.raises(Refused, match="was removed"):
        bench.control().undo(bench.user, job.id)


@pytest.fixture
def there(request: pytest.FixtureRequest, tmp_path: Path, database_settings: dict[str, Any]) -> Elsewhere:
    """A named database, of the same kind as the desk's."""
    url = request.getfixturevalue("postgres_url") if database_settings else f"sqlite:///{tmp_path / 'shop.db'}"
    return Elsewhere(url)


def test_a_named_database_that_does_not_answer_is_asked_again_in_an_hour(
    there: Elsewhere, tmp_path: Path, database_settings: dict[str, Any], caplog: pytest.LogCaptureFixture
) -> None:
    bench = Bench(tmp_path / "data", targets=there.setting, **database_settings)
    removals = Removals(bench.database, bench.shop.files, bench.data)
    job = bench.run("load_table", PEOPLE, database=NAME, table="people")
    assert (job.state, job.target) == (State.completed, NAME), job.problem
    assert CANARY in beside_tables(there.url, job.id)
    known = bench.data._targets
    bench.data.close()
    bench.data._named.clear()
    bench.data._targets = {}
    removals.remove(bench.person("Root", Role.admin), job.id)
    half = bench.job(job.id)
    assert (half.removed_at, half.upload_id, half.params) == (None, None, {})
    assert f"job {job.id}: what its database keeps of its rows could not be removed" in caplog.text
    bench.data._targets = known
    remove_old(removals, None)
    assert bench.job(job.id).removed_at is not None
    assert CANARY not in beside_tables(there.url, job.id)
    bench.close()
    there.close()
