"""A pooler between the desk and PostgreSQL would break it by halves: it is refused in words, wherever it stands."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import make_url
from sqlalchemy.exc import OperationalError

from tests.pooler import Pooler, needs_pooler
from tests.postgres import PostgresServer
from tests.running import ROOT
from webapp.authoring import JobError
from webapp.cli_open import connect_database, open_desk_here
from webapp.doctor import examine
from webapp.services.data import DataDatabase
from webapp.services.targets.setting import Target
from webapp.settings import Settings, SettingsError

pytestmark = needs_pooler

IGNORING = "options,extra_float_digits"
"""What poolers are told to drop in silence where they stood in somebody's way."""

MEND = "give the address of PostgreSQL itself"
EX_CONFIG = 78
JOB = UUID(int=1)


@pytest.fixture(params=["transaction", "transaction ignoring", "session", "session ignoring"])
def pooler(request: pytest.FixtureRequest, postgres_url: str) -> Iterator[Pooler]:
    mode, _, ignoring = request.param.partition(" ")
    with Pooler(postgres_url, mode, IGNORING if ignoring else "") as pooler:
        yield pooler


def start(command: str, url: str, data: Path) -> "subprocess.Popen[str]":
    """A command of the desk on the database at `url`."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("BATCHDESK_")}
    own = {"BATCHDESK_DATA": str(data), "BATCHDESK_DATABASE_URL": url, "BATCHDESK_PORT": "0", "PYTHONPATH": str(ROOT)}
    words = [sys.executable, "-m", "webapp", command]
    return subprocess.Popen(words, cwd=ROOT, env={**clean, **own}, stdout=-1, stderr=-1, text=True)


def tables(server: PostgresServer, url: str) -> list[tuple[object, ...]]:
    """What has been made in the database."""
    with server.connect(make_url(url).database or "") as connection:
        own = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        return connection.execute(own).fetchall()


@pytest.mark.parametrize(
    ("pooler", "commands"),
    [("transaction", ["serve"]), ("transaction ignoring", ["migrate", "serve", "worker"])],
    indirect=["pooler"],
)
def test_no_command_begins_and_each_says_what_to_do(
    pooler: Pooler, commands: list[str], postgres_server: PostgresServer, tmp_path: Path
) -> None:
    for process in [start(command, pooler.url, tmp_path / command) for command in commands]:
        try:
            out, said = process.communicate(timeout=25)  # less than a database that may come back is waited for
        finally:
            process.kill()
        assert (process.returncode, out) == (EX_CONFIG, ""), said
        assert MEND in said
        assert said.count("\n") == 1
    assert tables(postgres_server, pooler.url) == []


def test_every_way_of_pooling_is_refused_by_the_desk_and_told_by_the_doctor(pooler: Pooler, tmp_path: Path) -> None:
    settings = Settings(data=tmp_path, database_url=pooler.url)
    with pytest.raises(SettingsError, match=MEND):
        connect_database(settings, patience_s=30)
    assert [finding.good for finding in examine(settings) if MEND in finding.text] == [False]


def test_a_desk_whose_rows_alone_would_go_through_it_does_not_begin(pooler: Pooler, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=f"^The data database can't be opened: .*{MEND}.* BATCHDESK_DATA_DATABASE"):
        open_desk_here(Settings(data=tmp_path, data_database_url=pooler.url))


def test_no_row_goes_into_another_schema_than_was_meant(
    pooler: Pooler, postgres_server: PostgresServer, tmp_path: Path
) -> None:
    """Which schema it is is among what poolers drop: the next one is that of the desk's own tables."""
    data = DataDatabase(Settings(data=tmp_path, database_url=pooler.url).data_database)
    with pytest.raises(OperationalError):
        data.take(JOB, 1)
    data.close()
    target = Target("crm", pooler.url, "sales", None)
    named = DataDatabase(target.url, target=target)
    with pytest.raises(JobError, match=f"The database “crm” can’t be used .*{MEND}"):
        named.take(JOB, 1)
    named.close()
    assert tables(postgres_server, pooler.url) == []
