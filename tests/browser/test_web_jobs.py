"""Jobs that speak with other systems: a row to a web address, a file from one; and its file into the next job."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import OpenPage, open_desk, write_table
from tests.browser.people import Person
from tests.receiver import Heard, Receiver, Reply
from tests.running import RunningDesk

PRICES = [("A-1", "Anchor", "12.50"), ("A-2", "Buoy", "7"), ("A-3", "Cleat", "many")]


def shop(heard: Heard) -> Reply:
    """Takes prices, but knows no buoys."""
    if heard.method == "GET":
        return Reply(200, b"sku,name\nA-1,Anchor\n", {"Content-Disposition": 'attachment; filename="stock.csv"'})
    if heard.path.endswith("/A-2"):
        return Reply(404, b"No such article: A-2")
    return Reply(200, b'{"saved": true}')


@pytest.fixture(scope="module")
def receiver() -> Iterator[Receiver]:
    with Receiver(shop) as receiver:
        yield receiver


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, job_types: Path, receiver: Receiver) -> Iterator[RunningDesk]:
    """A desk whose jobs may call the receiver."""
    desk = open_desk(tmp_path_factory.mktemp("desk"), job_types, allowed_hosts=receiver.place)
    yield desk
    desk.kill_quietly()


@pytest.mark.parametrize("javascript", [True, False])
def test_an_operator_tells_a_shop_about_prices(
    open_page: OpenPage, olga: Person, receiver: Receiver, tmp_path: Path, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript, expects=["status of 422", "Password forms should have"])
    page.goto(olga.hand_in("call_webhook", write_table(tmp_path / "prices.csv", ["sku", "name", "price"], PRICES)))
    live = page.locator("#live")
    if javascript:
        expect(live).to_contain_text("3 rows")
    page.get_by_label("Address").fill(receiver.url + "/articles/{skuu}")
    start = page.get_by_role("button", name="Start", exact=True)
    start.click()
    expect(page.get_by_role("alert").first).to_contain_text("Did you mean {sku}?")
    page.get_by_label("Address").fill(receiver.url + "/articles/{sku}")
    page.get_by_label("Method").select_option("PUT")
    page.get_by_label("JSON to send").fill('{"title": "{name}", "price": "{price}"}')
    page.get_by_label("price", exact=True).first.check()
    page.get_by_label("Secret header’s value").fill("Bearer swordfish")
    receiver.heard.clear()
    start.click()
    expect(live.locator(".headline")).to_have_text("1 of 3 rows done. 2 need you.")
    expect(live).to_contain_text("The receiver refused it: 404 Not Found: “No such article: A-2”.")
    expect(live).to_contain_text("is not a number as programs write it")
    assert [(heard.path, json.loads(heard.body)) for heard in receiver.heard] == [
        ("/articles/A-1", {"title": "Anchor", "price": 12.5}),
        ("/articles/A-2", {"title": "Buoy", "price": 7}),
    ]
    assert receiver.heard[0].headers["authorization"] == "Bearer swordfish"
    assert "swordfish" not in page.content() + olga.desk.log()
    assert not [file for file in olga.desk.data.rglob("*") if file.is_file() and b"swordfish" in file.read_bytes()]
    expect(page.get_by_role("link", name="answers.csv")).to_be_visible()


@pytest.mark.parametrize("javascript", [True, False])
def test_a_file_is_fetched_and_handed_into_another_job(
    open_page: OpenPage, olga: Person, receiver: Receiver, *, javascript: bool
) -> None:
    page = open_page(olga, javascript=javascript, expects=["status of 422", "Password forms should have"])
    page.goto("/jobs/new/fetch_url")
    page.get_by_label("Address").fill("ftp://shop.example/stock.csv")
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.get_by_role("alert").first).to_contain_text("The address must begin with https://")
    page.get_by_label("Address").fill(f"{receiver.url}/export")
    page.get_by_role("button", name="Start", exact=True).click()
    live = page.locator("#live")
    expect(live.locator(".badge").first).to_have_text("Completed")
    expect(page.get_by_role("link", name="stock.csv")).to_be_visible()
    page.get_by_text("Use in another job").click()
    page.get_by_label("Which job?").select_option(label="Load rows into a table")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Load rows into a table")
    expect(page.locator("#live")).to_contain_text("stock.csv")
