"""The example: a row job of a dozen lines, and its file with 18 rows that are wrong in six ways."""

import runpy
from collections import Counter
from pathlib import Path

from tests.job_types.desk import EXAMPLES, Desk


def test_the_file_is_what_its_script_writes(tmp_path: Path) -> None:
    made = tmp_path / "contacts.csv"
    runpy.run_path(str(EXAMPLES / "make_contacts.py"))["write"](made)
    assert made.read_bytes() == (EXAMPLES / "contacts.csv").read_bytes()


def test_the_file_brings_982_people_into_the_address_book_and_18_back(desk: Desk) -> None:
    ran = desk.run("import_contacts", EXAMPLES / "contacts.csv")
    assert ran.job.state == "completed_with_errors"
    assert ran.counts == {"done": 982, "rejected": 18}
    columns = Counter(column for _, _, column, _, _ in ran.problems)
    assert columns == dict.fromkeys(("id", "name", "email", "birthday", "country", "score"), 3)
    assert desk.query("SELECT count(*), count(DISTINCT id), min(typeof(score)) FROM contacts") == [
        (982, 982, "integer")
    ]
    rejected = {row for row, *_ in ran.problems}
    assert desk.query("SELECT id - 1000 FROM contacts ORDER BY id") == [
        row for row in range(1, 1_001) if row not in rejected
    ]


def test_a_second_run_changes_people_and_doubles_none(desk: Desk, tmp_path: Path) -> None:
    desk.run("import_contacts", EXAMPLES / "contacts.csv")
    head, first, *_ = (EXAMPLES / "contacts.csv").read_text("utf-8").splitlines()
    changed = tmp_path / "changed.csv"
    changed.write_text(f"{head}\n{first.replace('Hansen', 'Petit')}\n")
    ran = desk.run("import_contacts", changed)
    assert ran.counts == {"done": 1}
    assert desk.query("SELECT count(*) FROM contacts") == [982]
    assert desk.query("SELECT name FROM contacts WHERE id = 1001") == ["Pia Petit"]
