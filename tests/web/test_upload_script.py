"""The script that sends a file, in a real browser: progress, loss, restart, refusal, and no script at all."""

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Page, expect, sync_playwright

from tests.ports import lasting_port

pytestmark = pytest.mark.browser

HERE = Path(__file__).parent
MB = 1_000_000
CHROMIUM = Path("/usr/bin/chromium")
FLAGS = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update"]


class Server:
    """A desk that takes uploads, on one port through restarts."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.port = lasting_port()
        self.start()

    def start(self, **settings: str) -> None:
        """Start, again on the same port."""
        own = {"PYTHONPATH": str(HERE.parents[1]), "BATCHDESK_DISK_RESERVE": "0", "BATCHDESK_MAX_UPLOAD": "100000000"}
        command = [sys.executable, str(HERE / "upload_server.py"), str(self.folder)]
        environ = {**os.environ, **own, "BATCHDESK_PORT": str(self.port), **settings}
        self.process = subprocess.Popen(command, env=environ, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout
        said = json.loads(self.process.stdout.readline() or "null")
        assert said, self.process.wait(20)
        self.cookie = said["cookies"][0]

    def kill(self) -> None:
        """End the process at once."""
        self.process.kill()
        self.process.wait(20)
        if self.process.stdout:
            self.process.stdout.close()

    def received(self) -> int:
        """Bytes that lie on the disk."""
        return sum(path.stat().st_size for path in (self.folder / "uploads").iterdir())


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    running = Server(tmp_path / "desk")
    yield running
    running.kill()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Any]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM if CHROMIUM.exists() else None, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture
def context(chromium: Any, server: Server) -> Iterator[BrowserContext]:
    context: BrowserContext = chromium.new_context(base_url=f"http://127.0.0.1:{server.port}")
    sign_in(context, server)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    page = context.new_page()
    page.goto("/try")
    return page


@pytest.fixture
def large(tmp_path: Path) -> Path:
    path = tmp_path / "größte Liste.csv"
    path.write_bytes(os.urandom(20 * MB))
    return path


def sign_in(context: BrowserContext, server: Server) -> None:
    context.add_cookies([{"name": "batchdesk", "value": server.cookie, "url": f"http://127.0.0.1:{server.port}"}])


def slow_down(page: Page, bytes_per_s: int) -> None:
    session = page.context.new_cdp_session(page)
    session.send("Network.enable")
    limits = {"offline": False, "latency": 0, "downloadThroughput": -1, "uploadThroughput": bytes_per_s}
    session.send("Network.emulateNetworkConditions", limits)


def choose(page: Page, path: Path) -> None:
    page.get_by_label("Choose a file").set_input_files(path)


def wait_until_received(page: Page, server: Server, size: int) -> None:
    for _ in range(600):
        if server.received() >= size:
            return
        page.wait_for_timeout(50)
    raise AssertionError(server.received())


def form_that_arrived(page: Page) -> dict[str, Any]:
    page.wait_for_url("**/jobs", timeout=30_000)
    arrived: dict[str, Any] = json.loads(page.locator("body").inner_text())
    return arrived


def expect_only(server: Server, content: bytes) -> None:
    (path,) = (server.folder / "uploads").iterdir()
    assert path.suffix == ""
    assert path.read_bytes() == content


def test_a_chosen_file_is_sent_and_the_form_with_its_id(page: Page, server: Server, large: Path) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))

    choose(page, large)

    arrived = form_that_arrived(page)
    ((name, value),) = arrived["fields"]
    assert (name, arrived["uploads"]) == ("upload_id", {})
    assert (server.folder / "uploads" / value).read_bytes() == large.read_bytes()
    assert complaints == []


def test_progress_is_shown_and_the_form_waits_for_it(page: Page, large: Path) -> None:
    slow_down(page, 8 * MB)
    choose(page, large)
    page.evaluate("document.forms[0].requestSubmit()")

    expect(page.get_by_role("status")).to_have_text("größte Liste.csv: on its way")
    expect(page.get_by_text(re.compile(r"^\d+ % · [\d.]+ of 20 MB · \d+ seconds left$"))).to_be_visible()
    expect(page.get_by_role("progressbar", name="Upload of größte Liste.csv")).to_be_visible()
    assert page.url.endswith("/try")
    form_that_arrived(page)


def test_an_upload_goes_on_after_the_server_was_killed(page: Page, server: Server, large: Path) -> None:
    slow_down(page, 4 * MB)
    choose(page, large)
    expect(page.get_by_role("progressbar")).to_be_visible()
    wait_until_received(page, server, 5 * MB)
    server.kill()
    before = server.received()
    expect(page.get_by_role("status")).to_contain_text("the connection was lost")
    server.start()

    form_that_arrived(page)

    assert before > 0
    expect_only(server, large.read_bytes())


def test_an_upload_goes_on_after_a_reload(page: Page, server: Server, large: Path) -> None:
    slow_down(page, 4 * MB)
    choose(page, large)
    wait_until_received(page, server, 5 * MB)
    page.reload()
    before = server.received()
    choose(page, large)

    form_that_arrived(page)

    assert before > 0
    expect_only(server, large.read_bytes())


def test_a_cancelled_upload_leaves_nothing_and_another_file_can_be_chosen(
    page: Page, server: Server, large: Path
) -> None:
    slow_down(page, 4 * MB)
    choose(page, large)
    wait_until_received(page, server, 2 * MB)
    with page.expect_response(lambda response: response.request.method == "DELETE"):
        page.get_by_role("button", name="Cancel the upload").click()

    expect(page.get_by_label("Choose a file")).to_be_focused()
    assert list((server.folder / "uploads").iterdir()) == []

    small = large.with_name("small.csv")
    small.write_bytes(b"a,b\n1,2\n")
    choose(page, small)
    form_that_arrived(page)
    expect_only(server, b"a,b\n1,2\n")


def test_what_is_refused_is_said_beside_the_field(page: Page, server: Server, large: Path) -> None:
    server.kill()
    server.start(BATCHDESK_MAX_UPLOAD="1000000")

    choose(page, large)

    expect(page.get_by_role("alert")).to_have_text("This file is too large: the desk accepts up to 1.0 MB.")
    expect(page.get_by_label("Choose a file")).to_have_attribute("aria-invalid", "true")
    expect(page.get_by_role("progressbar")).to_have_count(0)


def test_a_disk_that_fills_up_meanwhile_is_said(page: Page, server: Server, large: Path) -> None:
    slow_down(page, 4 * MB)
    choose(page, large)
    wait_until_received(page, server, 2 * MB)
    server.kill()
    server.start(BATCHDESK_DISK_RESERVE=str(1 << 60))

    expect(page.get_by_role("alert")).to_contain_text("The desk's disk is too full", timeout=20_000)


def test_somebody_signed_out_is_told(page: Page, context: BrowserContext, large: Path) -> None:
    context.clear_cookies()

    choose(page, large)

    expect(page.get_by_role("alert")).to_have_text("Sign in to go on.")


def test_without_the_script_the_form_sends_the_file(chromium: Any, server: Server, large: Path) -> None:
    plain = chromium.new_context(base_url=f"http://127.0.0.1:{server.port}", java_script_enabled=False)
    sign_in(plain, server)
    page = plain.new_page()
    page.goto("/try")

    choose(page, large)
    page.get_by_role("button", name="Continue").click()

    assert form_that_arrived(page)["uploads"]["file"]["name"] == large.name
    expect_only(server, large.read_bytes())
    plain.close()
