"""Placeholders: names in braces, and nothing else that a template language could do."""

import html

import pytest
from hypothesis import given
from hypothesis import strategies as st

from webapp.services.placeholders import MOST_CHARACTERS, PlaceholderError, Template

ROW = {"name": "Ada", "Order no.": "007", "note": "{name} {{x}}"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("", ""),
        ("no names at all", "no names at all"),
        ("Dear {name},\nyour order {Order no.}", "Dear Ada,\nyour order 007"),
        ("{ name }{\tOrder\n no. }", "Ada007"),
        ("{name}{name}", "AdaAda"),
        ("{{name}}", "{name}"),
        ("{{{name}}}", "{Ada}"),
        ("p {{ color: red }}", "p { color: red }"),
        ("%s %(name)s $name ${name}", "%s %(name)s $name $Ada"),
        ("{note}", "{name} {{x}}"),
    ],
)
def test_a_name_in_braces_stands_for_the_cell(text: str, filled: str) -> None:
    assert Template.parse(text).fill(ROW) == filled


def test_it_says_which_columns_it_names_each_once_in_order() -> None:
    assert Template.parse("{b} {a} {b} {{c}}").names == ("b", "a")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Dear {name", "line 1: “{” is never closed"),
        ("one\ntwo } three", "line 2: “}” was never opened"),
        ("a {} b", "line 1: “{}” names no column"),
        ("a {  } b", "line 1: “{  }” names no column"),
        ("{" + "x" * 501 + "}", "names no column"),
        ("{a{b}}", "line 1: “{” is never closed"),
        ("{% include '/etc/passwd' %} {", "“{” is never closed"),
    ],
)
def test_a_brace_that_is_no_placeholder_is_refused_with_its_line(text: str, sentence: str) -> None:
    with pytest.raises(PlaceholderError, match=sentence.replace("{", r"\{").replace("}", r"\}")):
        Template.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "{name.__class__}",
        "{0.__class__}",
        "{name!r}",
        "{name:>1000000000}",
        "{name|attr('__class__')}",
        "{name[0]}",
        "{% include '/etc/passwd' %}",
        "{'a'*10**9}",
    ],
)
def test_what_other_languages_would_compute_is_a_name_that_is_not_there(text: str) -> None:
    with pytest.raises(PlaceholderError, match="not a column of this file"):
        Template.parse(text).fill(ROW)


def test_jinja_is_text_with_single_braces() -> None:
    assert Template.parse("{{ ''.__class__.__mro__ }}").fill(ROW) == "{ ''.__class__.__mro__ }"


def test_an_unknown_name_is_an_error_that_names_those_that_look_alike() -> None:
    with pytest.raises(PlaceholderError) as refused:
        Template.parse("Dear {Nmae}").require(ROW)
    assert str(refused.value) == "names {Nmae}, which is not a column of this file. Did you mean {name}?"
    with pytest.raises(PlaceholderError, match=r"There are \{name\}, \{Order no\.\}, \{note\}\."):
        Template.parse("{x}").require(ROW)
    with pytest.raises(PlaceholderError, match=r"There are none\."):
        Template.parse("{x}").require([])


def test_cells_are_escaped_and_the_text_around_them_is_not() -> None:
    row = {"x": "<script>&"}
    assert Template.parse("<b>{x}</b>").fill(row, html.escape) == "<b>&lt;script&gt;&amp;</b>"


def test_a_short_template_cannot_make_an_endless_text() -> None:
    with pytest.raises(PlaceholderError, match="longer than"):
        Template.parse("{x}" * 11).fill({"x": "x" * (MOST_CHARACTERS // 10)})


@given(st.text())
def test_any_text_with_its_braces_doubled_is_itself(text: str) -> None:
    assert Template.parse(text.replace("{", "{{").replace("}", "}}")).fill({}) == text


@given(st.text(), st.text())
def test_a_cell_comes_out_as_it_stands_whatever_it_holds(cell: str, other: str) -> None:
    assert Template.parse("{a}|{b}").fill({"a": cell, "b": other}) == f"{cell}|{other}"
