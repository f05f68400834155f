"""The form in which an operator settles how a file is read. What is left empty is found by the desk."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from webapp.authoring import FormField, Option
from webapp.errors import BadInput
from webapp.jobs.settled import ENCODINGS
from webapp.web.form_view import field_of
from webapp.web.reading_words import delimiter_words, encoding_words

OTHER: Final = "other"
FIND_OUT: Final = "Let the desk find out"
WORDS: Final[dict[str, dict[str, tuple[str, str]]]] = {
    "delimiter": {
        "comma": (",", "Comma ,"),
        "semicolon": (";", "Semicolon ;"),
        "tab": ("\t", "Tab"),
        "pipe": ("|", "Vertical bar |"),
        "space": (" ", "Space"),
        "colon": (":", "Colon :"),
        "none": ("", "Nothing: one column only"),
    },
    "quote": {"double": ('"', 'Double "'), "single": ("'", "Single '"), "none": ("", "None")},
    "escape": {"doubled": ("", "Writing it twice"), "backslash": ("\\", "A backslash before it")},
}
"""What a form can say in a word, with the text that it means and the label."""

NAMED: Final = ("sheet", "encoding")
BUTTONS: Final = {"header_is": "header_line", "last_is": "last_line"}
"""The buttons beside lines of the file, and what each settles."""
NUMBERS: Final = ("header_line", "header_rows", "last_line")


def entered_choices(form: Mapping[str, str]) -> dict[str, Any]:
    """What was entered, by the names of `Choices`; a number that is none stays text. A pressed button comes last.

    Raises:
        BadInput: something else was chosen, and not said what.
    """
    if "reset" in form:
        return {}
    pressed = {name: form[button] for button, name in BUTTONS.items() if button in form}
    raw: dict[str, Any] = {name: form[name] for name in NAMED if form.get(name)}
    for name, words in WORDS.items():
        if form.get(name) == OTHER:
            raw[name] = form.get(f"{name}_other", "")
            if not raw[name]:
                raise BadInput({name: "Write what is between the cells: one or two characters."})
        elif form.get(name):
            raw[name] = words[form[name]][0] if form[name] in words else form[name]
    for name in NUMBERS:
        if text := (pressed.get(name) or form.get(name, "")).strip():
            raw[name] = int(text) if text.isascii() and text.isdigit() else text
    return raw


def entered_form(choices: Mapping[str, Any]) -> dict[str, str]:
    """The form as it is filled in when these choices are made."""
    form = {name: str(choices[name]) for name in (*NAMED, *NUMBERS) if name in choices}
    for name, words in WORDS.items():
        if name in choices:
            form[name] = next((word for word, (text, _) in words.items() if text == choices[name]), OTHER)
            form[f"{name}_other"] = choices[name] if form[name] == OTHER else ""
    return form


def reading_fields(
    reading: Mapping[str, Any], sheets: Sequence[str], form: Mapping[str, str], problems: Mapping[str, str]
) -> tuple[FormField, ...]:
    """The fields, as filled in, with what is wrong beside them."""
    made = _Fields(form, problems)
    in_workbook = reading.get("container") == "workbook"
    line, header = "row" if in_workbook else "line", reading["header_line"]
    fields = []
    if len(sheets) > 1:
        title = "Sheet" if in_workbook else "File in the archive"
        fields.append(made.select("sheet", title, {name: name for name in sheets}, str(reading.get("sheet"))))
    if not in_workbook:
        fields += _text_fields(made, reading)
    found = f"The desk found {line} {header:,}." if header else "The desk found none."
    more = f"The desk found {reading.get('header_rows', 1)}."
    end = f"The desk left out {reading.get('footer_lines', 0):,} below the table. 0 means the end of the file."
    fields += [
        made.number("header_line", f"The header is in {line}", f"{found} 0 means that there is no header."),
        made.number("header_rows", f"{line.capitalize()}s that make up the header", more),
        made.number("last_line", f"The rows end with {line}", end),
    ]
    return tuple(fields)


def _text_fields(made: "_Fields", reading: Mapping[str, Any]) -> list[FormField]:
    delimiters = {word: label for word, (_, label) in WORDS["delimiter"].items()} | {OTHER: "Something else"}
    quotes = {word: label for word, (_, label) in WORDS["quote"].items()}
    escapes = {word: label for word, (_, label) in WORDS["escape"].items()}
    quote = next((label for text, label in WORDS["quote"].values() if text == reading["quote"]), reading["quote"])
    escape = next((label for text, label in WORDS["escape"].values() if text == reading.get("escape", "")), "")
    return [
        made.select(
            "delimiter",
            "Between cells",
            delimiters,
            delimiter_words(reading["delimiter"]).removesuffix(" between cells").capitalize(),
        ),
        made.text("delimiter_other", "What is between cells", "One or two characters, such as ^ or ||."),
        made.select("encoding", "Letters", ENCODINGS, encoding_words(reading["encoding"])),
        made.select("quote", "Quotation mark around cells", quotes, quote),
        made.select("escape", "A quotation mark inside a cell is marked by", escapes, escape),
    ]


class _Fields:
    """Makes the fields of one filled-in form."""

    def __init__(self, form: Mapping[str, str], problems: Mapping[str, str]) -> None:
        self._form = form
        self._problems = problems

    def select(self, name: str, title: str, options: Mapping[str, str], found: str) -> FormField:
        """A choice; its first option leaves it to the desk and says what was found, if it was."""
        chosen = self._form.get(name, "")
        unset = FIND_OUT if chosen else f"{found} (found)"
        known = {"": unset, **options} if chosen in {"", *options} else {"": unset, **options, chosen: chosen}
        made = tuple(Option(value, label, value == chosen) for value, label in known.items())
        return self._field(name, title, "select", "", options=made)

    def number(self, name: str, title: str, note: str) -> FormField:
        """A number; empty leaves it to the desk."""
        return self._field(name, title, "input", note, attributes={"type": "text", "inputmode": "numeric"})

    def text(self, name: str, title: str, note: str) -> FormField:
        """A short text."""
        return self._field(name, title, "input", note, attributes={"type": "text", "maxlength": "2"})

    def _field(self, name: str, title: str, widget: str, note: str, **more: Any) -> FormField:  # noqa: ANN401 (parts of a field)
        said_at = "delimiter_other" if self._form.get("delimiter") == OTHER else "delimiter"
        problems = {(said_at if path == "delimiter" else path): text for path, text in self._problems.items()}
        value, error = self._form.get(name, ""), problems.get(name)
        return field_of("reading", name, title, widget, note, value=value, error=error, **more)
