"""`batchdesk read`: the table, the report, the rejects, and lists of files."""

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from webapp.cli import main

Run = Callable[..., tuple[int, str, str]]
CLIENTS = "Kundenliste\n\nNr;Name;Betrag;Datum\n1;Zoë;1,50;28/01/2018\n2;B\n3;C;=2;29/01/2018\n".encode("cp1252")


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run `batchdesk read` in an empty folder: its exit status, output and errors."""
    monkeypatch.chdir(tmp_path)

    def run_(*arguments: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["batchdesk", "read", *arguments])
        with pytest.raises(SystemExit) as left:
            main()
        said = capsys.readouterr()
        return int(left.value.code or 0), said.out, said.err

    return run_


def written(name: str, data: bytes) -> str:
    Path(name).write_bytes(data)
    return name


def report_on(run: Run, data: bytes) -> dict[str, Any]:
    assert run(written("in.csv", data), "--out", "out.csv", "--json", "report.json") == (0, "", "")
    report: dict[str, Any] = json.loads(Path("report.json").read_text("utf-8"))
    return report


def test_cells_are_written_as_they_stand(run: Run) -> None:
    data = 'date;price;note\r\n28/01/2018;$74.69;=1+1\r\n1;2;"a;b"\r\n'.encode("utf-16")
    assert run(written("in.csv", data), "--out", "out.csv") == (0, "", "")
    assert Path("out.csv").read_bytes() == b"date,price,note\n28/01/2018,$74.69,=1+1\n1,2,a;b\n"


def test_the_report_says_how_the_file_was_read(run: Run) -> None:
    report = report_on(run, "Nr;Name;Betrag\n1;Zoë;1,50\n2;Bo;2,75\n3;Cy;10,00\n".encode("cp1252"))
    assert {name: report[name] for name in ("encoding", "delimiter", "quote", "escape", "container", "sheet")} == {
        "encoding": "cp1252",
        "delimiter": ";",
        "quote": '"',
        "escape": "",
        "container": "",
        "sheet": "",
    }
    assert (report["preamble_lines"], report["header_lines"], report["footer_lines"]) == (0, 1, 0)
    assert [(column["name"], column["type"]) for column in report["columns"]] == [
        ("Nr", "integer"),
        ("Name", "text"),
        ("Betrag", "decimal"),
    ]


def test_the_report_says_how_sure_that_is(run: Run) -> None:
    assert 0.5 < report_on(run, b"id,name,qty\n1,Bolt,5\n2,Nut,7\n3,Saw,1\n")["confidence"] <= 1


def test_a_workbook_is_read_and_named(run: Run) -> None:
    corpus = Path(__file__).parents[1] / "intake" / "corpus" / "workbooks"
    report = report_on(run, (corpus / "title-above.xlsx").read_bytes())
    assert (report["container"], report["sheet"], report["preamble_lines"]) == ("workbook", "People", 3)
    assert sorted(path.name for path in Path().iterdir()) == ["in.csv", "out.csv", "report.json"], (
        "no copy stays behind"
    )


def test_every_record_is_accepted_or_rejected(run: Run) -> None:
    counts = report_on(run, b'a,b\n1,2\nbad\n3,4\n5,"x"y"\n6,7\n')["counts"]
    assert (counts["rows"], counts["accepted"] + counts["rejected"]) == (5, 5)
    with Path("out.csv").open(encoding="utf-8", newline="") as file:
        assert sum(1 for _ in csv.reader(file)) == counts["accepted"] + 1


def test_a_file_without_a_header_says_so(run: Run) -> None:
    report = report_on(run, b"1,2\n3,4\n5,6\n")
    assert (report["header_lines"], report["counts"]["rows"]) == (0, 3)
    assert Path("out.csv").read_bytes() == b"1,2\n3,4\n5,6\n"


def test_rejects_are_named_by_line_and_row_with_their_text(run: Run) -> None:
    data = b'a,b,c\n1,2,3\n4,"x\ny",6\n5,5,5\n7,"x, y",z,"w",v\n8,8,8\n'
    assert run(written("in.csv", data), "--out", "out.csv", "--rejects", "rejects.csv") == (0, "", "")
    with Path("rejects.csv").open(encoding="utf-8", newline="") as file:
        header, *rejects = csv.reader(file)
    assert header == ["line", "row", "what is wrong", "raw text"]
    assert rejects == [["6", "4", "has 5 cells where the header has 3", '7,"x, y",z,"w",v']]


def test_what_was_repaired_is_said(run: Run) -> None:
    report = report_on(run, b"id,name,qty\n1,Bolt,5\n2,Nut,7\n3,Saw\n4,Axe,2\n")
    assert report["counts"] == {"rows": 4, "accepted": 4, "rejected": 0, "repaired": 1}
    assert [(repair["line"], repair["row"]) for repair in report["repairs"]] == [(4, 3)]
    assert report["repairs"][0]["note"].endswith(".")


def test_an_empty_file_gives_an_empty_table(run: Run) -> None:
    report = report_on(run, b"")
    assert Path("out.csv").read_bytes() == b""
    assert report["counts"] == {**report["counts"], "rows": 0, "accepted": 0, "rejected": 0}
    assert report["columns"] == []


def test_what_is_no_table_is_refused_in_a_sentence_and_writes_nothing(run: Run) -> None:
    status, out, err = run(
        written("in.pdf", b"%PDF-1.4\n"), "--out", "out.csv", "--json", "r.json", "--rejects", "x.csv"
    )
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("This is a PDF document, not a table.")
    assert [path.name for path in Path().iterdir()] == ["in.pdf"]


def test_a_table_that_is_there_stays_if_the_new_one_cannot_be_read(run: Run) -> None:
    written("out.csv", b"kept\n")
    assert run(written("in.pdf", b"%PDF-1.4\n"), "--out", "out.csv")[0] == 2
    assert Path("out.csv").read_bytes() == b"kept\n"


def test_a_list_is_read_to_its_end_and_its_failures_named(run: Run) -> None:
    written("a.csv", b"x,y\n1,2\n")
    written("b.pdf", b"%PDF-1.4\n")
    written("c d.csv", b"x;y\n3;4\n")
    lines = ["a.csv\ta.out", "b.pdf\tb.out", "", "gone.csv\tgone.out", "no tab", "c d.csv\tc d.out"]
    status, out, err = run("--batch", written("list.tsv", "\r\n".join(lines).encode("utf-8-sig")))
    assert (status, out) == (2, "")
    said = err.splitlines()
    assert [line.split(": ")[0] for line in said] == ["list.tsv, line 2", "list.tsv, line 4", "list.tsv, line 5"]
    assert said[1] == "list.tsv, line 4: gone.csv: No such file or directory."
    assert Path("a.out").read_bytes() == b"x,y\n1,2\n"
    assert Path("c d.out").read_bytes() == b"x,y\n3,4\n"
    assert not Path("b.out").exists()


def test_a_list_of_good_files_leaves_with_0(run: Run) -> None:
    written("a.csv", b"x,y\n1,2\n")
    assert run("--batch", written("list.tsv", b"a.csv\ta.out\n")) == (0, "", "")


def test_a_file_that_nobody_thought_of_does_not_stop_the_list(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(file: Path, *_: object, **__: object) -> None:
        raise ZeroDivisionError(file)

    monkeypatch.setattr("webapp.intake.read_to", fail)
    status, _, err = run("--batch", written("list.tsv", b"a\tb\nc\td\n"))
    assert status == 2
    assert err.count("The file could not be read (ZeroDivisionError).\n") == 2


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["a.csv", "--out", "./a.csv"], "FILE and --out are the same file, a.csv: give --out another name."),
        (["a.csv", "--out", "link.csv"], "FILE and --out are the same file, link.csv: give --out another name."),
        (["a.csv", "--out", "hard.csv"], "FILE and --out are the same file, hard.csv: give --out another name."),
        (["a.csv", "--out", "o", "--json", "a.csv"], "FILE and --json are the same file, a.csv: give --json"),
        (["a.csv", "--out", "o", "--rejects", "a.csv"], "FILE and --rejects are the same file, a.csv: give --rejects"),
        (["a.csv", "--out", "o", "--json", "./o"], "--out and --json are the same file, o: give --json another name."),
        (["a.csv", "--out", "o", "--json", "r", "--rejects", "r"], "--json and --rejects are the same file, r: give"),
    ],
)
def test_no_file_is_written_over_what_is_read_or_written_beside_it(
    run: Run, arguments: list[str], sentence: str
) -> None:
    written("a.csv", b"x;y\n1;2\n")
    Path("link.csv").symlink_to("a.csv")
    Path("hard.csv").hardlink_to("a.csv")
    status, out, err = run(*arguments)
    assert (status, out) == (1, "")
    assert err.startswith(sentence)
    assert Path("a.csv").read_bytes() == b"x;y\n1;2\n"
    assert not Path("o").exists()


def test_a_list_writes_each_table_once_and_none_over_its_own_file(run: Run) -> None:
    for name in ("a.csv", "b.csv", "c.csv"):
        written(name, f"{name};y\n1;2\n".encode())
    lines = b"a.csv\to.csv\nb.csv\t./o.csv\nc.csv\tc.csv\nc.csv\tc.out\n"
    status, _, err = run("--batch", written("list.tsv", lines))
    assert status == 2
    assert err.splitlines() == [
        "list.tsv, line 2: o.csv is the OUT of line 1 already.",
        "list.tsv, line 3: c.csv would be replaced by its own table: give OUT another name.",
    ]
    assert Path("o.csv").read_bytes() == b"a.csv,y\n1,2\n"
    assert Path("c.csv").read_bytes() == b"c.csv;y\n1;2\n"
    assert Path("c.out").exists()


def test_a_name_that_no_file_can_have_does_not_stop_the_list(run: Run) -> None:
    written("a.csv", b"x,y\n1,2\n")
    lines = b"a\0b\tc\n" + b"n" * 300 + b"\tlong.out\na.csv\ta.out\n"
    status, _, err = run("--batch", written("list.tsv", lines))
    assert (status, err.count("\n")) == (2, 2)
    assert Path("a.out").exists()


def test_a_list_that_is_not_there_is_named(run: Run) -> None:
    assert run("--batch", "list.tsv") == (1, "", "list.tsv: No such file or directory.\n")


@pytest.mark.parametrize(
    "arguments",
    [[], ["in.csv"], ["--out", "out.csv"], ["in.csv", "--batch", "list.tsv"], ["--batch", "l", "--json", "j"]],
)
def test_too_little_or_too_much_is_said(run: Run, arguments: list[str]) -> None:
    status, _, err = run(*arguments)
    assert status == 2
    assert "Give FILE and --out, or --batch alone." in err
