"""The rules of the house, held by reading the code; `test_docs.py` holds those on who may import whom."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
CODE = sorted((ROOT / "webapp").rglob("*.py"))
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))
LONGEST_FILE = 300


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports, by their whole names."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.Import):
            yield from (name.name for name in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: imports are written from the top"
            yield from (f"{node.module}.{name.name}" for name in node.names)


def test_only_the_mended_sqlite_is_used() -> None:
    assert [str(path) for path in CODE if any(name.split(".")[0] == "sqlite3" for name in imports(path))] == []


@pytest.mark.parametrize("path", [*CODE, *TEMPLATES], ids=lambda path: str(path.relative_to(ROOT)))
def test_every_file_can_be_read_in_one_go(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= LONGEST_FILE


@pytest.mark.parametrize("word", ["print(", "TODO", "FIXME", "NotImplementedError", "breakpoint("])
def test_nothing_unfinished_is_in_the_code(word: str) -> None:
    whole = re.compile(rf"(?<![\w.]){re.escape(word)}")
    assert [str(path.relative_to(ROOT)) for path in CODE if whole.search(path.read_text("utf-8"))] == []


def test_nothing_gets_into_a_page_unescaped_but_our_own_icons_and_charts() -> None:
    raw = re.compile(r"\|\s*safe\b|autoescape\s+false|Markup\(|mark_safe|__html__")
    found = [str(path.relative_to(ROOT)) for path in [*CODE, *TEMPLATES] if raw.search(path.read_text("utf-8"))]
    assert found == ["webapp/charts/drawing.py", "templates/macros/icons.html"]


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_a_template_holds_no_script_and_no_style(path: Path) -> None:
    """The content security policy would refuse them, and only a browser's console would say so."""
    text = re.sub(r"{#.*?#}", "", path.read_text("utf-8"), flags=re.DOTALL)
    assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on|<script(?![^>]*\ssrc=)", text, re.IGNORECASE)


def test_the_start_imports_nothing_heavy() -> None:
    heavy = {
        "alembic",
        "dns",
        "duckdb",
        "mako",
        "numpy",
        "openpyxl",
        "pandas",
        "phonenumbers",
        "polars",
        "pyarrow",
        "rapidfuzz",
        "rich",
        "stdnum",
        "xlsxwriter",
    }
    script = "import sys; from webapp import app, cli, server; app.load_registry(); print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True)
    assert "fastapi" in done.stdout.split()
    assert heavy & set(done.stdout.split()) == set()


def test_the_version_that_the_code_knows_is_the_last_migration() -> None:
    from alembic.config import Config  # noqa: PLC0415
    from alembic.script import ScriptDirectory  # noqa: PLC0415

    from webapp.store.migrate import MIGRATIONS, NEWEST  # noqa: PLC0415

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert ScriptDirectory.from_config(config).get_heads() == [NEWEST]


def test_pinned_requirements_name_no_index_and_hash_everything() -> None:
    for name in ("requirements.txt", "requirements-dev.txt"):
        text = (ROOT / name).read_text("utf-8")
        assert "://" not in text
        assert "--index" not in text
        pins = re.findall(r"^\S+==\S+.*(?:\n    --hash=sha256:[0-9a-f]{64}.*)+", text, re.MULTILINE)
        assert len(pins) == len(re.findall(r"^\w", text, re.MULTILINE)), f"{name}: something has no hash"
