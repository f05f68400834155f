"""Templates: all of them load, everything is escaped, and what is missing is an error."""

from pathlib import Path
from typing import Any

import pytest
from fastapi import Request
from jinja2 import DictLoader, UndefinedError

from webapp import resources
from webapp.resources import static_digest, static_folder, templates_folder, version
from webapp.web.format import FILTERS
from webapp.web.pages import environment, render, render_text

TEMPLATES = sorted(str(path.relative_to(templates_folder())) for path in templates_folder().rglob("*.html"))


def request(**state: Any) -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "query_string": b"", "headers": [], "state": state})


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """Templates of this test's own, by name."""
    sources: dict[str, str] = {}
    overlay = environment().overlay(loader=DictLoader(sources))
    monkeypatch.setattr("webapp.web.pages.environment", lambda: overlay)
    return sources


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_compiles(template: str) -> None:
    assert environment().get_template(template).name == template


@pytest.mark.parametrize("template", TEMPLATES)
def test_no_template_has_what_the_policy_forbids(template: str) -> None:
    source = (templates_folder() / template).read_text("utf-8")
    for forbidden in ("<style", " style=", " onclick=", " onsubmit=", "javascript:", "hx-on", "js:", "<script>"):
        assert forbidden not in source, forbidden


def test_user_text_is_escaped_whatever_the_template_is_called(page: dict[str, str]) -> None:
    page["x.txt"] = page["x.html"] = '<p title="{{ text }}">{{ text }}</p>'
    for name in ("x.txt", "x.html"):
        made = render_text(request(), name, {"text": "\"><script>{{ 7 * 7 }}</script>'"})
        assert "<script>" not in made
        assert '""' not in made
        assert "49" not in made


def test_a_missing_name_is_an_error(page: dict[str, str]) -> None:
    page["x.html"] = "{{ nothing }}"
    with pytest.raises(UndefinedError, match="nothing"):
        render_text(request(), "x.html")


def test_a_page_knows_request_user_and_version(page: dict[str, str]) -> None:
    page["x.html"] = "{{ request.url.path }} {{ user }} {{ version }} {{ assets }} {{ mine }}"
    made = render_text(request(user="Ann"), "x.html", {"mine": 1})
    assert made == f"/ Ann {version()} {static_digest()} 1"
    assert "None" in render_text(request(), "x.html", {"mine": 1})


def test_one_block_is_rendered_alone(page: dict[str, str]) -> None:
    page["x.html"] = "before {% block part %}{{ text }}{% endblock %} after"
    assert render_text(request(), "x.html", {"text": "<b>"}, block="part") == "&lt;b&gt;"
    response = render(request(), "x.html", {"text": "x"}, status=409, block="part")
    assert (response.status_code, response.body) == (409, b"x")
    with pytest.raises(KeyError):
        render_text(request(), "x.html", {"text": "x"}, block="other")


def test_a_block_alone_sees_the_imports_of_its_page_and_the_block_that_it_extends(page: dict[str, str]) -> None:
    page["macros.html"] = "{% macro loud(text) %}{{ text }}!{% endmacro %}"
    page["base.html"] = "<html>{% block part %}base {% endblock %}</html>"
    page["x.html"] = (
        "{% extends 'base.html' %}{% from 'macros.html' import loud %}{% set mine = 'y' %}"
        "{% block part %}{{ super() }}{{ loud(text) }}{{ loud(mine) }}{% endblock %}"
    )
    assert render_text(request(), "x.html", {"text": "x"}, block="part") == "base x!y!"
    assert render_text(request(), "x.html", {"text": "x"}) == "<html>base x!y!</html>"


def test_every_filter_is_there() -> None:
    assert FILTERS.keys() <= environment().filters.keys()


def test_the_digest_changes_with_a_static_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "app.css").write_text("a {}")
    monkeypatch.setattr(resources, "static_folder", lambda: tmp_path)
    first = static_digest.__wrapped__()
    (tmp_path / "app.css").write_text("b {}")
    assert static_digest.__wrapped__() != first


def test_the_folders_of_a_checkout_are_found() -> None:
    assert (templates_folder() / "base.html").is_file()
    assert (static_folder() / "app.css").is_file()


def test_the_folders_inside_an_installed_package_come_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "webapp")
    (tmp_path / "templates").mkdir()
    assert resources._folder("templates") == tmp_path / "templates"
    (tmp_path / "webapp" / "templates").mkdir(parents=True)
    assert resources._folder("templates") == tmp_path / "webapp" / "templates"


def test_an_incomplete_installation_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "PACKAGE", tmp_path / "webapp")
    with pytest.raises(FileNotFoundError, match="Install Batchdesk again"):
        resources._folder("templates")
