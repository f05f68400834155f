"""The pictures of the guide that show what became of a job, one for each type; `docs_pictures` takes them."""

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from playwright.sync_api import Page, expect

from scripts.studio import Studio, save
from tests.browser.conftest import open_desk, write_table
from tests.browser.people import Person
from tests.browser.test_cleaning import tick, unfold
from tests.browser.test_web_jobs import PRICES, shop
from tests.mail_server import MailSink
from tests.receiver import Receiver
from tests.running import ROOT

EXAMPLES: Final = ROOT / "webapp" / "job_types" / "examples"
CUSTOMERS: Final = [
    ["1", "Ada Lovelace", "31.01.2026", "030 901820", "Deutschland"],
    ["2", "ADA LOVLACE", "28.02.2026", "+44 20 7946 0958", "UK"],
    ["3", "Grace Hopper", "soon", "", "États-Unis"],
    ["4", "Mary Jackson", "01.03.2026", "unknown", "Österreich"],
    ["5", "Zoë Meier", "02.03.2026", "+41 44 668 18 00", "Schweiz"],
]


@contextmanager
def prepared(studio: Studio, job_type: str, file: Path, height: int) -> Iterator[Page]:
    """The page of a file that was handed in and is ready to start."""
    with studio.looking(studio.olga, studio.olga.hand_in(job_type, file), height) as page:
        yield page


def start(page: Page, headline: str) -> None:
    """Start it, and look at it at rest once it has ended."""
    page.get_by_role("button", name="Start", exact=True).click()
    expect(page.locator(".headline")).to_have_text(headline)
    page.reload()


def clean_csv(studio: Studio, name: str) -> None:
    header = ["id", "name", "since", "phone", "country"]
    with prepared(studio, "clean_csv", write_table(studio.folder / "customers.csv", header, CUSTOMERS), 1360) as page:
        unfold(page, "Rules for columns: none")
        for group, column in {"Dates": "since", "Phone numbers": "phone", "Countries": "country"}.items():
            tick(page, group, column)
        page.get_by_label("Country of phone numbers").fill("Germany")
        unfold(page, "Find similar rows: not looked for")
        tick(page, "Compare by", "name")
        start(page, "All 5 rows done.")
        save(page, name)


def images(studio: Studio, name: str) -> None:
    with prepared(studio, "images", EXAMPLES / "images.zip", 1180) as page:
        page.get_by_label("Size").select_option(label="Fit into width and height")
        page.get_by_label("Width").fill("200")
        page.get_by_label("Make a contact sheet").check()
        start(page, "4 of 5 files done. 1 needs you.")
        save(page, name)


def text(studio: Studio, name: str) -> None:
    letter = studio.folder / "letter.txt"
    letter.write_text("Dear Zoë,\nwe meet on 31.01.2026.\nYours, Bob\n" * 40)
    with prepared(studio, "text", letter, 1100) as page:
        start(page, "Done.")
        save(page, name)


@contextmanager
def at_the_shop(studio: Studio, address: str, height: int, file: Path | None = None) -> Iterator[tuple[Page, str]]:
    """The page of a job at a desk that may call a shop, and the shop's address."""
    with Receiver(shop) as receiver:
        desk = open_desk(
            studio.folder / address.strip("/").replace("/", "-"), studio.types, allowed_hosts=receiver.place
        )
        try:
            olga = Person(desk, "Olga")
            with studio.looking(olga, olga.hand_in(address, file) if file else address, height) as page:
                yield page, receiver.url
        finally:
            desk.kill_quietly()


def call_webhook(studio: Studio, name: str) -> None:
    prices = write_table(studio.folder / "prices.csv", ["sku", "name", "price"], PRICES[:2])
    with at_the_shop(studio, "call_webhook", 1240, prices) as (page, shop_url):
        page.get_by_label("Address").fill(shop_url + "/articles/{sku}")
        page.get_by_label("JSON to send").fill('{"title": "{name}", "price": "{price}"}')
        start(page, "1 of 2 rows done. 1 needs you.")
        save(page, name)


def fetch_url(studio: Studio, name: str) -> None:
    with at_the_shop(studio, "/jobs/new/fetch_url", 1040) as (page, shop_url):
        page.get_by_label("Address").fill(shop_url + "/stock.csv")
        start(page, "Done.")
        page.get_by_text("Use in another job").click()
        save(page, name)


def send_email(studio: Studio, name: str) -> None:
    sink = MailSink().start()
    desk = open_desk(studio.folder / "mails", studio.types, mail_server=sink.address, mail_from="desk@example.org")
    try:
        olga, rows = (
            Person(desk, "Olga"),
            ([each[1], f"p{each[0]}@example.com", 41 + int(each[0])] for each in CUSTOMERS),
        )
        file = write_table(studio.folder / "orders.csv", ["name", "email", "order"], rows)
        with studio.looking(olga, olga.hand_in("send_email", file), 1000) as page:
            page.get_by_label("To", exact=True).select_option("email")
            page.get_by_label("Subject").fill("Order {order}")
            page.get_by_label("Text", exact=False).first.fill("Dear {name}, your order {order} is on its way.")
            page.get_by_label("Row", exact=True).fill("5")
            page.get_by_role("button", name="Show me").click()
            expect(page.locator("pre.sight")).to_have_text(re.compile("Dear Zoë Meier"))
            page.locator("pre.sight").evaluate("shown => { shown.scrollIntoView({block: 'center'}) }")
            save(page, name)
    finally:
        desk.kill_quietly()
        sink.stop()


def broadcast(studio: Studio, name: str) -> None:
    with studio.looking(studio.ada, "/jobs/new/broadcast", 1000) as page:
        page.get_by_label("Title").fill("Closed on Friday")
        page.get_by_label("Text").fill("We count the stock.")
        page.get_by_label("Link").fill("/schedules")
        page.evaluate("scrollTo(0, 0)")
        save(page, name)


JOBS: Final[dict[str, Callable[[Studio, str], None]]] = {
    f"jobs/{take.__name__}": take for take in (clean_csv, images, text, call_webhook, fetch_url, send_email, broadcast)
}
