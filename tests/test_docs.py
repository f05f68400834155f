"""The documents say what the program does: whatever can be compared with the code is."""

import ast
import inspect
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import typer.main
from fastapi.routing import iter_route_contexts
from typer.core import TyperGroup

from tests.running import RunningDesk
from webapp.app import create_app
from webapp.authoring import load_registry
from webapp.cli import app
from webapp.jobs.lifecycle import ENDED, TRANSITIONS
from webapp.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text("utf-8")
JOBS = (ROOT / "docs" / "jobs" / "README.md").read_text("utf-8")
ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
AUTHORING, API, COMMANDS, SETTINGS, GUIDE = (
    (ROOT / "docs" / f"{name}.md").read_text("utf-8") for name in ("authoring", "api", "commands", "settings", "README")
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
each_document = pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: str(path.relative_to(ROOT)))

LINK = re.compile(r"\]\(([^)\s]+)\)")
HOSTS = {"127.0.0.1", "keepachangelog.com", "semver.org", "sqlite.org", "tus.io"}
UNWANTED = {
    "a path of one machine": r"(?<![\w.}\-/])/(?:root|home|tmp|work|opt|usr|var|mnt)/",
    "work left over": r"\b(?-i:TODO|FIXME|XXX|TBD)\b|coming soon",
    "praise": r"\b(?:blazing|seamless|effortless|powerful|world-class|cutting-edge|revolutionary|magic)",
    "a badge": r"shields\.io|badge\.svg",
}


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of a document in one language."""
    return re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)


def section(text: str, heading: str) -> str:
    """What stands below a heading, up to the next of its level."""
    level = heading.split(maxsplit=1)[0]
    found = re.search(rf"^{re.escape(heading)}\n(.*?)(?=^#{{2,{len(level)}}} |\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"there is no {heading!r}"
    return found[1]


def table(text: str) -> list[list[str]]:
    """The cells of the first table of a text, without its head."""
    lines = re.search(r"(?:^\|.*\n)+", text, re.MULTILINE)
    assert lines
    rows = [re.split(r"(?<!\\)\|", line.strip().strip("|")) for line in lines[0].splitlines()]
    return [[cell.strip() for cell in row] for row in rows[2:]]


def test_every_setting_is_in_docs_settings_with_its_default_and_meaning() -> None:
    expected = [
        [f"`{PREFIX}{name.upper()}`", "not set" if field.default is None else f"`{field.default}`", field.description]
        for name, field in Settings.model_fields.items()
    ]
    assert table(SETTINGS) == expected


def test_the_states_are_drawn_as_the_table_of_transitions_has_them() -> None:
    (drawing,) = [block for block in blocks(ARCHITECTURE, "mermaid") if block.startswith("stateDiagram")]
    drawn = re.findall(r"^\s*(\w+) --> (\w+): (\w+)$", drawing, re.MULTILINE)
    arrows = [(source, arrow.target, move) for move, arrow in TRANSITIONS.items() for source in arrow.sources]
    assert sorted(drawn) == sorted((str(source), str(target), str(move)) for source, target, move in arrows)
    assert set(re.findall(r"(\w+) --> \[\*\]", drawing)) == set(ENDED)


def test_every_move_is_explained() -> None:
    text = section(ARCHITECTURE, "## The life of a job")
    assert [[cell.strip("`") for cell in row] for row in table(text)] == [
        [str(move), arrow.why] for move, arrow in TRANSITIONS.items()
    ]


def test_the_readme_shows_the_example_as_it_is() -> None:
    example = ROOT / "examples" / "job_types" / "import_contacts.py"
    all_of_it = blocks(section(AUTHORING, "## All of it in 25 lines"), "python")
    assert blocks(README, "python") == [example.read_text("utf-8"), *all_of_it]
    registry = load_registry(folders=[example.parent])
    assert registry.broken == ()
    code = [line for line in inspect.getsource(registry.get("import_contacts").function).splitlines() if line.strip()]
    assert len(code) <= 12


def test_every_command_is_in_docs_commands_and_every_one_in_it_exists() -> None:
    group = typer.main.get_command(app)
    assert isinstance(group, TyperGroup)
    shown = table(COMMANDS)
    named = {command for command, _ in shown}
    assert {" ".join(re.findall(r"^`batchdesk ((?:[a-z]+ ?)+)", command)[0].split()) for command in named} == set(
        _commands(group)
    )
    options = {option for command in named for option in re.findall(r"--[a-z-]+", command)}
    assert options <= _options(group)
    for document in DOCUMENTS:
        for words in re.findall(r"batchdesk((?: [a-z]+\b)+)[^.`]*`", document.read_text("utf-8")):
            assert any(words.strip().startswith(command) for command in _commands(group)), words


def _commands(group: TyperGroup, before: str = "") -> Iterator[str]:
    for name, command in group.commands.items():
        if isinstance(command, TyperGroup):
            yield from _commands(command, f"{before}{name} ")
        else:
            yield f"{before}{name}"


def _options(group: TyperGroup) -> set[str]:
    found: set[str] = set()
    for command in group.commands.values():
        own = {option for parameter in command.params for option in parameter.opts}
        found |= _options(command) if isinstance(command, TyperGroup) else own
    return found


def test_every_address_of_the_api_is_in_docs_api_and_every_one_in_it_exists(tmp_path: Path) -> None:
    routes = iter_route_contexts(create_app(Settings(data=tmp_path)).routes)
    offered = {(method, route.path or "") for route in routes for method in route.methods or ()}
    told = re.findall(r"`(GET|POST|PUT|PATCH|DELETE) (/api/[^`]+)`", API)
    assert {(method, re.sub("{[^}]+}", "{}", path)) for method, path in told} == {
        (method, re.sub("{[^}]+}", "{}", path)) for method, path in offered if path.startswith("/api/")
    }


@each_document
def test_every_link_leads_somewhere(document: Path) -> None:
    text = document.read_text("utf-8")
    for target in LINK.findall(text):
        if target.startswith("http"):
            continue
        path, _, anchor = target.partition("#")
        file = document.parent / path if path else document
        assert file.exists(), target
        assert not anchor or anchor in _anchors(file.read_text("utf-8")), target


def _anchors(text: str) -> set[str]:
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@each_document
def test_nothing_stands_in_a_document_that_does_not_belong_there(document: Path) -> None:
    text = document.read_text("utf-8")
    for what, pattern in UNWANTED.items():
        assert re.findall(pattern, text, re.IGNORECASE) == [], what
    hosts = set(re.findall(r"https?://([^/:\s)`…]+)", text))
    assert {host for host in hosts if not host.endswith(".example")} <= HOSTS


def test_every_part_of_the_package_has_its_line_in_the_house() -> None:
    house = section(ARCHITECTURE, "## The house")
    aside = {"__init__.py", "__pycache__", "py.typed"}
    parts = {path.stem for path in (ROOT / "webapp").iterdir() if path.name not in aside}
    shown = {cell for row in table(house) for cell in re.findall(r"`(\w+)(?:/|\.py)`", row[0])}
    assert shown == parts


def test_imports_run_the_way_that_is_drawn() -> None:
    allowed = {
        part: set(re.findall(r"`([\w.]+)`", row[1]))
        for row in table(section(ARCHITECTURE, "### Who may import whom"))
        for part in re.findall(r"`(\w+)`", row[0])
    }
    wrong = {(part, name) for part, name in _imports() if not _is_allowed(name, allowed[part])}
    assert wrong == set()


def _imports() -> Iterator[tuple[str, str]]:
    """Which part of the package imports which module of another."""
    for file in (ROOT / "webapp").rglob("*.py"):
        part = file.relative_to(ROOT / "webapp").with_suffix("").parts[0]
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] == "webapp":
                module = f"{node.module}.".removeprefix("webapp.").rstrip(".")
                for name in [module] if module else [alias.name for alias in node.names]:
                    if name.split(".")[0] != part:
                        yield part, name


def _is_allowed(name: str, allowed: set[str]) -> bool:
    return any(name == each or name.startswith(f"{each}.") for each in allowed)


def test_every_test_that_keeps_a_promise_exists() -> None:
    promises = section(ARCHITECTURE, "## What it promises, and how that is kept")
    named = re.findall(r"`(tests/[\w/]+\.py)(?:::(\w+))?`", promises)
    assert len(named) >= len(table(promises))
    for file, name in named:
        text = (ROOT / file).read_text("utf-8")
        assert f"def {name or 'test_'}" in text, f"{file}::{name}"


@pytest.mark.skipif(shutil.which("curl") is None, reason="the program is a shell's, with curl")
def test_the_program_in_docs_api_hands_in_a_job(running: RunningDesk, tmp_path: Path) -> None:
    (script,) = blocks(API, "sh")
    commands = {".venv/bin/batchdesk": f"{sys.executable} -m webapp", "http://127.0.0.1:8000": running.url}
    for name, real in commands.items():
        assert name in script
        script = script.replace(name, real)
    (tmp_path / "examples").symlink_to(ROOT / "examples")
    environment = {**os.environ, "BATCHDESK_DATA": str(running.data), "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        ["sh", "-euc", script], cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert '"done":982,"rejected":18' in done.stdout
    assert len((tmp_path / "failed.csv").read_text("utf-8-sig").splitlines()) == 19


CAPABILITIES = table(section(GUIDE, "## What it can do"))


@pytest.mark.parametrize(("page", "tests"), [row[2:] for row in CAPABILITIES], ids=[row[1] for row in CAPABILITIES])
def test_what_it_can_do_has_a_page_with_a_picture_and_a_test_in_a_browser(page: str, tests: str) -> None:
    files = [ROOT / "docs" / target for target in LINK.findall(page)]
    pictures = [
        file.parent / name
        for file in files
        for name in re.findall(r"!\[[^\]]{20,}\]\(([\w/.-]+\.png)\)", file.read_text("utf-8"))
    ]
    assert len(pictures) >= len(files) > 0
    for picture in pictures:
        head = picture.read_bytes()[:24]
        assert head.startswith(b"\x89PNG")
        assert int.from_bytes(head[16:20]) <= 1280
        assert picture.stat().st_size < 150_000
    named = re.findall(r"`(tests/browser/test_\w+\.py)`", tests)
    assert named
    for name in named:
        assert "\ndef test_" in (ROOT / name).read_text("utf-8")


def test_every_page_of_the_guide_is_in_it() -> None:
    pages = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")} - {"README.md"}
    listed = {*LINK.findall(GUIDE), *(f"jobs/{name}" for name in LINK.findall(JOBS))}
    assert pages - listed == set()
