import gzip
import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
STATIC = ROOT / "static"
TEMPLATES = sorted((ROOT / "templates").rglob("*.html"))


@pytest.fixture(scope="module")
def build() -> ModuleType:
    spec = importlib.util.spec_from_file_location("build_static", ROOT / "scripts" / "build_static.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_committed_stylesheet_is_what_its_sources_give(build: ModuleType) -> None:
    assert (STATIC / "app.css").read_text(encoding="utf-8") == build.stylesheet()


def test_the_committed_script_is_what_its_sources_give(build: ModuleType) -> None:
    assert (STATIC / "app.js").read_text(encoding="utf-8") == build.script()


def test_every_script_is_in_the_joined_file() -> None:
    joined = (STATIC / "app.js").read_text(encoding="utf-8")
    parts = list((STATIC / "js").glob("*.js"))
    assert parts
    for part in parts:
        lines = part.read_text(encoding="utf-8").rstrip().splitlines()
        assert "\n".join(line for line in lines if not line.lstrip().startswith("//")) in joined


def test_the_stylesheet_loads_nothing_from_elsewhere() -> None:
    joined = (STATIC / "app.css").read_text(encoding="utf-8")
    assert "url(" not in joined
    assert "@import" not in joined


def test_our_own_rules_stay_small_when_compressed() -> None:
    ours = b"".join(part.read_bytes() for part in (STATIC / "css").glob("*.css"))
    assert len(gzip.compress(ours, 6)) <= 10_000


def test_what_a_first_page_loads_is_small_when_compressed() -> None:
    names = ("app.css", "app.js", "favicon.svg")
    assert sum(len(gzip.compress((STATIC / name).read_bytes(), 6)) for name in names) <= 44_000


def test_our_scripts_need_no_evaluation() -> None:
    for part in (STATIC / "js").glob("*.js"):
        source = part.read_text(encoding="utf-8")
        assert not re.search(r"\beval\(|new Function|innerHTML|\.style\b|setAttribute\(.style", source), part.name


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(ROOT / "templates")))
def test_no_template_needs_what_the_policy_refuses(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle\s*=|<style|\son[a-z]+\s*=|hx-on|javascript:|[\"']js:", source)
    assert not re.search(r"<script(?![^>]*\ssrc=)", source)
    assert not re.search(r"(?:src|href)=[\"'](?:https?:)?//", source)
