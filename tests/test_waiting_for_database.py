"""A desk that starts before its PostgreSQL waits for it a while, in words, and gives up in a clear sentence."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import make_url

from tests.postgres import PostgresServer
from tests.running import ROOT
from webapp.cli_open import connect_database
from webapp.settings import Settings, SettingsError


@pytest.fixture
def server() -> Iterator[PostgresServer]:
    own = PostgresServer()
    yield own
    own.close()


def test_a_desk_that_starts_first_comes_up_once_its_database_does(tmp_path: Path, server: PostgresServer) -> None:
    server.stop()
    own = {"BATCHDESK_DATA": str(tmp_path), "BATCHDESK_DATABASE_URL": server.url(), "BATCHDESK_PORT": "0"}
    command = [sys.executable, "-u", "-m", "webapp", "serve"]
    desk = subprocess.Popen(
        command, cwd=ROOT, env={"PATH": "/usr/bin:/bin", **own}, stdout=-1, stderr=-1, text=True, start_new_session=True
    )
    assert desk.stdout is not None
    assert desk.stderr is not None
    try:
        said = desk.stderr.readline()
        assert said.startswith("The desk's database does not answer yet: ")
        assert said.endswith("It is tried again for 30 seconds.\n")
        server.start()
        assert desk.stdout.readline().startswith("Batchdesk is at http://127.0.0.1:")
    finally:
        desk.terminate()
        desk.communicate(timeout=30)


def test_a_database_that_does_not_come_up_ends_the_start_in_a_sentence(
    tmp_path: Path, server: PostgresServer, capsys: pytest.CaptureFixture[str]
) -> None:
    server.stop()
    began = time.monotonic()
    with pytest.raises(SettingsError, match=r"The desk.s database can.t be opened: .* Check BATCHDESK_DATA and "):
        connect_database(Settings(data=tmp_path, database_url=server.url()), patience_s=1.5)
    assert 1.5 <= time.monotonic() - began < 10
    assert capsys.readouterr().err.count("does not answer yet") == 1


def test_what_waiting_does_not_mend_is_said_at_once(tmp_path: Path, postgres_url: str) -> None:
    nobody = make_url(postgres_url).set(username="nobody_here").render_as_string(hide_password=False)
    began = time.monotonic()
    with pytest.raises(SettingsError, match='role "nobody_here" does not exist'):
        connect_database(Settings(data=tmp_path, database_url=nobody), patience_s=30)
    assert time.monotonic() - began < 10
