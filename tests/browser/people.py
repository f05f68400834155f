"""People at a running desk: they sign in once, hand files in, and open pages."""

import time
from collections.abc import Callable, Mapping
from functools import cached_property
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page

from tests.running import PASSWORD, RunningDesk

COOKIE = "batchdesk"
OURS = {"Sec-Fetch-Site": "same-origin"}
EMPTY_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class Person:
    """Somebody who is signed in, and does by hand what no page needs to be opened for."""

    def __init__(self, desk: RunningDesk, name: str) -> None:
        self.desk = desk
        self.name = name

    @cached_property
    def cookie(self) -> str:
        """The secret of the session."""
        form = {"name": self.name, "password": PASSWORD}
        answer = httpx.post(f"{self.desk.url}/sign-in", data=form, headers=OURS)
        assert answer.status_code == 303, answer.text
        return answer.cookies[COOKIE]

    def hand_in(self, job_type: str, file: Path) -> str:
        """Give a file to a job without starting it; the address of the job's page."""
        with file.open("rb") as content:
            return self._send("/jobs", data={"job_type": job_type}, files={"file": (file.name, content)})

    def start(self, job: str, how: Mapping[str, str] | None = None, /, **params: str) -> str:
        """Start a prepared job; its address again. `how` are fields of the start itself."""
        fields = {f"params.{name}": value for name, value in params.items()}
        return self._send(f"{job}/start", data={**fields, **(how or {})})

    def run(self, job_type: str, file: Path | None = None, **params: str) -> str:
        """Hand in and start; the address of the job's page."""
        if file is not None:
            return self.start(self.hand_in(job_type, file), **params)
        fields = {f"params.{name}": value for name, value in params.items()}
        return self._send("/jobs", data={"job_type": job_type, **fields})

    def repeat(self, job: str, name: str) -> str:
        """Have a job repeated every day; the address of its schedule."""
        how = {"often": "daily", "time": "07:00", "zone": "UTC", "missed": "skip"}
        data = {"job_type": "import_contacts", "job": job.rpartition("/")[2], "name": name, **how}
        return self._send("/schedules", data=data)

    def cancel(self, job: str) -> str:
        """Call a job off."""
        return self._send(f"{job}/cancellation")

    def _send(self, path: str, **more: Any) -> str:
        empty = {} if any(more.values()) else EMPTY_FORM  # as a browser sends a form without fields
        headers = {**OURS, **empty, "Cookie": f"{COOKIE}={self.cookie}"}
        answer = httpx.post(f"{self.desk.url}{path}", headers=headers, timeout=60, **more)
        assert answer.status_code == 303, answer.text
        return str(answer.headers["location"])


def sign_in(page: Page, name: str) -> None:
    """Sign in as a person would."""
    page.goto("/sign-in")
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url("**/")


def reload_until(page: Page, true: Callable[[], object], seconds: float = 30) -> None:
    """Load a page that does not load itself again until something is so."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it does not come about"
        page.wait_for_timeout(200)
        page.reload()
