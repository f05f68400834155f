"""A job with one parameter, the page that asks for it, and a browser that sends the page as it is."""

from collections.abc import Iterable
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template
from starlette.datastructures import FormData, UploadFile

from webapp.authoring import FormField, JobType, ParamsError, Table, job

_TEMPLATES = Path(__file__).parents[2] / "templates"
_PAGE = "{% from 'fields/_field.html' import render %}{% for field in fields %}{{ render(field) }}{% endfor %}"


def job_taking(annotation: object, default: object = ...) -> JobType:
    """A job with a file and one parameter called `value`."""

    def example(file: Table, value: object) -> None:
        """Does one thing."""

    example.__annotations__ = {"file": Table, "value": annotation}
    example.__defaults__ = () if default is ... else (default,)
    return job()(example).job_type


def value_of(job_type: JobType, raw: object, columns: tuple[str, ...] | None = None) -> object:
    """The argument the job receives for a raw value."""
    return job_type.arguments(job_type.validate({"value": raw}, columns))["value"]


def typed(job_type: JobType, *texts: str, columns: tuple[str, ...] = ()) -> object:
    """The argument the job receives when an operator types the texts into its field."""
    raw = job_type.parse_form(FormData([("params.value", text) for text in texts]), columns)
    return job_type.arguments(job_type.validate(raw, columns or None))["value"]


def problem(job_type: JobType, raw: object, columns: tuple[str, ...] | None = None) -> str:
    """The sentence beside the field, for a raw value that is not accepted."""
    with pytest.raises(ParamsError) as refused:
        job_type.validate({"value": raw}, columns)
    return refused.value.problems["value"]


def only_field(job_type: JobType, raw: object = ..., columns: tuple[str, ...] = ()) -> FormField:
    """The job's one field, with its default or with a raw value in it."""
    (field,) = job_type.fields(columns, None if raw is ... else {"value": raw})
    return field


def render(fields: Iterable[FormField]) -> str:
    """The fields as HTML."""
    return _page().render(fields=fields)


@cache
def _page() -> Template:
    environment = Environment(loader=FileSystemLoader(_TEMPLATES), undefined=StrictUndefined, autoescape=True)
    return environment.from_string(_PAGE)


class Browser(HTMLParser):
    """Reads a page, and knows what a browser without scripts would send for it, untouched."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.sent: list[tuple[str, str | UploadFile]] = []
        self._name = ""
        self._options: list[tuple[bool, str]] = []
        self._text: str | None = None
        self.feed(html)

    @property
    def form(self) -> FormData:
        """What is sent."""
        return FormData(self.sent)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = dict(attrs)
        self.tags.append((tag, found))
        if tag == "input" and found["type"] != "file" and (found["type"] != "checkbox" or "checked" in found):
            self.sent.append((found["name"] or "", found.get("value") or ""))
        elif tag == "option":
            self._options.append(("selected" in found, found["value"] or ""))
        elif tag in ("select", "textarea"):
            self._name, self._options, self._text = found["name"] or "", [], ""

    def handle_data(self, data: str) -> None:
        if self._text is not None:
            self._text += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "select":
            chosen = [value for selected, value in self._options if selected]
            self.sent.append((self._name, (chosen or [self._options[0][1]])[-1]))
        elif tag == "textarea":
            self.sent.append((self._name, (self._text or "").removeprefix("\n").replace("\n", "\r\n")))
        self._text = None if tag in ("select", "textarea") else self._text
