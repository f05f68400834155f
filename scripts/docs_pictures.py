"""Take the pictures of the guide, of a real desk: `python -m scripts.docs_pictures`, or some by name."""

import re
import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

from playwright.sync_api import expect, sync_playwright
from sqlmodel import select

from scripts.job_pictures import JOBS
from scripts.studio import Studio, save
from tests.browser.conftest import CONTACTS, FLAGS, installed_chromium, open_desk, write_table
from tests.browser.people import Person
from tests.browser.test_load import NEW, OLD, fill_in
from tests.browser.test_personal_data import PEOPLE
from tests.browser.test_report import open_result
from tests.postgres import PostgresServer
from tests.running import ROOT, RunningDesk, RunningWorker
from webapp.kit import now
from webapp.settings import Settings
from webapp.store.database import Database
from webapp.store.tables import Job, Role, State, User


def hand_in_a_file(studio: Studio, name: str) -> None:
    with studio.looking(studio.olga, studio.olga.hand_in("import_contacts", CONTACTS), 1000) as page:
        expect(page.locator("#live")).to_contain_text("18 can’t.")
        save(page, name)


def states(studio: Studio, name: str) -> None:
    with studio.looking(studio.olga, studio.olga.run("call_lighthouse", answers="never"), 620) as page:
        expect(page.locator(".hero")).to_contain_text("Waiting for another try.")
        save(page, name)


def schedules(studio: Studio, name: str) -> None:
    with studio.looking(studio.olga, "/schedules/new/send_reminder", 1250) as page:
        page.get_by_label("To *").fill("Ben")
        page.get_by_label("Every weekday").check()
        page.get_by_label("Name", exact=True).fill("Remind Ben in the morning")
        page.evaluate("scrollTo(0, 0)")
        save(page, name)


def history(studio: Studio, name: str) -> None:
    with studio.looking(studio.olga, "/jobs/new/send_reminder", 960) as page:
        for field, text in {"To *": "Ben", "How often *": "500"}.items():
            page.get_by_label(field).fill(text)
        page.get_by_role("button", name="Start", exact=True).click()
        for button, state in {"Pause": "Paused", "Go on": "Completed"}.items():
            page.get_by_role("button", name=button, exact=True).click()
            expect(page.locator(".hero .badge")).to_have_text(state)
        page.get_by_text("About this job").click()
        page.locator("#deeds").evaluate("element => element.scrollIntoView()")
        save(page, name)


def orders(studio: Studio, name: str, last: int, wrong: frozenset[int] = frozenset()) -> Path:
    """A file of orders, of which some have a word where there should be a number."""
    rows = ([f"A-{number}", "two" if number in wrong else number, "Graz"] for number in range(1, last + 1))
    return write_table(studio.folder / name, ["order", "quantity", "town"], rows)


def fix_loop(studio: Studio, name: str) -> None:
    job = studio.olga.run("ship_orders", orders(studio, "orders.csv", 120, frozenset({3, 8, 21})))
    with studio.looking(studio.olga, job, 1000) as page:
        expect(page.locator(".headline")).to_have_text("117 of 120 rows done. 3 need you.")
        page.get_by_label("The mended file").evaluate("field => { field.scrollIntoView({block: 'center'}) }")
        save(page, name)


def duplicates(studio: Studio, name: str) -> None:
    done = studio.olga.run("ship_orders", orders(studio, "monday.csv", 120))
    with studio.looking(studio.olga, done, 900) as page:
        expect(page.locator(".hero .badge")).to_have_text("Completed")
        page.goto(studio.olga.hand_in("ship_orders", orders(studio, "tuesday.csv", 134)))
        told = page.get_by_role("heading", name="120 of 134 rows were done before")
        told.evaluate("heading => { heading.scrollIntoView({block: 'center'}) }")
        save(page, name)


def many_jobs(studio: Studio, name: str) -> None:
    for number in range(4):
        studio.olga.hand_in("ship_orders", orders(studio, f"week-{number}.csv", 12))
    with studio.looking(studio.olga, "/jobs?tab=prepare", 700) as page:
        for box in page.locator("tbody input[type=checkbox]").all()[:3]:
            box.check()
        save(page, name)


def load_table(studio: Studio, name: str) -> None:
    for file, text in {"customers-before.csv": OLD, "customers.csv": NEW}.items():
        path = studio.folder / file
        path.write_text(text)
        with studio.looking(studio.olga, studio.olga.hand_in("load_table", path), 900) as page:
            fill_in(page, dry_run=text is NEW)
            expect(page.locator("#shown")).to_contain_text("customers")
            page.reload()
            save(page, name)


def mask_personal_data(studio: Studio, name: str) -> None:
    people = write_table(studio.folder / "people.csv", PEOPLE[0], PEOPLE[1:])
    with studio.looking(studio.olga, studio.olga.run("mask_personal_data", people), 1000) as page:
        expect(page.locator(".headline")).to_have_text("All 60 rows done.")
        page.reload()
        save(page, name)


def make_a_past(desk: RunningDesk) -> None:
    """A month of Olga's jobs that nobody has run."""
    database = Database(Settings(data=desk.data).database)
    with database.write() as session:
        olga = session.exec(select(User).where(User.name == "Olga")).one()
        for number in range(1, 241):
            rows = {"done": number * 997 % 4_001, "rejected": number * 131 % 397, "failed": number * 41 % 103}
            values: dict[str, Any] = {**rows, "received": sum(rows.values()), "state": State.completed_with_errors}
            values["created_at"] = now() - timedelta(hours=24 + number * number * 7 % 720)
            session.add(Job(number=number, owner_id=olga.id, job_type="import_contacts", **values))
    database.close()


def report(studio: Studio, name: str) -> None:
    desk = open_desk(studio.folder / "reported", studio.types)
    try:
        make_a_past(desk)
        with studio.looking(Person(desk, "Olga"), "/jobs/new/report") as page:
            page.get_by_label("Title").fill("Lindgren Books: the last month")
            page.get_by_label("Time", exact=True).select_option("last_30_days")
            page.locator("input[value=summary]").uncheck()
            page.get_by_role("button", name="Start", exact=True).click()
            made = page.get_by_role("link", name=re.compile(r"\.html$"))
            opened = open_result(page, made.inner_text(), studio.folder)
            opened.set_viewport_size({"width": 1020, "height": 1000})
            save(opened, name)
    finally:
        desk.kill_quietly()


def activity(studio: Studio, name: str) -> None:
    studio.olga.run("send_reminder", to="Ben")
    studio.olga.cancel(studio.olga.hand_in("import_contacts", CONTACTS))
    with studio.looking(studio.ada, "/activity", 700) as page:
        expect(page.get_by_role("main")).to_contain_text("Olga")
        save(page, name)


def parameters(studio: Studio, name: str) -> None:
    with studio.looking(studio.olga, "/jobs/new/order_boat", 1100) as page:
        page.locator("form[action='/jobs']").evaluate("form => { form.noValidate = true }")
        for field, text in {"Name of the boat": "Grace", "Metres": "30", "Price": "12500.50"}.items():
            page.get_by_label(field).fill(text)
        page.get_by_role("button", name="Start", exact=True).click()
        expect(page.get_by_role("alert").first).to_be_visible()
        page.evaluate("scrollTo(0, 0)")
        save(page, name)


def services(studio: Studio, name: str) -> None:
    job = studio.olga.run("close_month", gate=str(studio.folder / "gate"))
    with studio.looking(studio.olga, job, 640) as page:
        expect(page.get_by_role("list", name="Steps")).to_contain_text("Add them up going on")
        save(page, name)
    studio.olga.cancel(job)


def people(studio: Studio, name: str) -> None:
    with studio.looking(studio.ada, "/users", 700) as page:
        save(page, name)


def machines(studio: Studio, name: str) -> None:
    server, data = PostgresServer(), studio.folder / "machines"
    settings = {"database_url": server.url(), "job_types": str(ROOT / "examples" / "job_types")}
    desks = [RunningDesk(data, **settings, workers="0") for _ in range(2)]
    workers = [RunningWorker(data, **settings) for _ in range(2)]
    try:
        desks[0].start().add_user("Ada", Role.admin)
        for process in (desks[1], *workers):
            process.start()
        with studio.looking(Person(desks[1], "Ada"), "/admin", 560) as page:
            while "2 processes alive" not in page.locator("main").inner_text():
                page.reload()
            save(page, name)
    finally:
        for process in (*desks, *workers):
            process.kill_quietly()
        server.close()


PICTURES: Final[dict[str, Callable[[Studio, str], None]]] = {
    "operators/hand-in-a-file": hand_in_a_file,
    "operators/states": states,
    "operators/schedules": schedules,
    "operators/history": history,
    "operators/many-jobs": many_jobs,
    "fix-loop": fix_loop,
    "duplicates-and-estimate": duplicates,
    "jobs/load_table": load_table,
    "jobs/mask_personal_data": mask_personal_data,
    "jobs/report": report,
    **JOBS,
    "administrators/activity": activity,
    "developers/parameters": parameters,
    "developers/services": services,
    "administrators/people": people,
    "administrators/machines": machines,
}


def main(wanted: list[str]) -> None:
    """Take all of them, or those that are named."""
    with TemporaryDirectory() as folder, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=installed_chromium(), args=FLAGS)
        studio = Studio(Path(folder), browser)
        try:
            for name in wanted or PICTURES:
                PICTURES[name](studio, name)
        finally:
            studio.desk.kill_quietly()
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
