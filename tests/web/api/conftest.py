"""A program that talks to a real application in this process; its jobs wait, because nobody works on them."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.web.conftest import Browser
from webapp.accounts import create_token
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import User
from webapp.web.desk import Desk

EXAMPLES = Path(__file__).resolve().parents[3] / "examples"
ROWS = b"id,name\n1,Ada\n2,Zo\xc3\xab\n"


class Client:
    """Holds a token, or none."""

    def __init__(self, browser: Browser, token: str | None) -> None:
        self._browser = browser
        self._headers = {"Accept": "*/*", "Sec-Fetch-Site": None, "Origin": None}
        if token:
            self._headers["Authorization"] = f"Bearer {token}"

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request below /api/v1."""
        headers = self._headers | more.pop("headers", {})
        return self._browser.request(method, f"/api/v1{path}", headers=headers, **more)

    def get(self, path: str) -> httpx.Response:
        """Look at something."""
        return self.request("GET", path)

    def submit(
        self,
        job_type: str | None = "load_table",
        params: object = None,
        files: Mapping[str, tuple[str, bytes]] | None = None,
        once: str | None = None,
        choices: object = None,
    ) -> httpx.Response:
        """Hand in a job: two good rows into a table, unless said otherwise. What is in bytes goes as it is."""
        given = {"table": "people"} if params is None else params
        written = given if isinstance(given, bytes) else json.dumps(given).encode()
        parts: dict[str, Any] = {"params": (None, written)}
        if job_type is not None:
            parts["job_type"] = (None, job_type.encode())
        if choices is not None:
            parts["choices"] = (None, choices if isinstance(choices, bytes) else json.dumps(choices).encode())
        parts |= {"file": ("people.csv", ROWS)} if files is None else files
        return self.request("POST", "/jobs", files=parts, headers={"Idempotency-Key": once} if once else {})


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(data=tmp_path, disk_reserve=0, workers=0, job_types=EXAMPLES / "job_types")


@pytest.fixture
def client(database: Database, desk: Desk, browser: Browser, ann: User) -> Client:  # noqa: ARG001 (tables and the desk)
    """A program that acts for Ann."""
    return Client(browser, create_token(database, ann.name))
