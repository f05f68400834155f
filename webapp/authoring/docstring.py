"""A function's docstring, taken apart for the operator: summary, help and a line for each parameter."""

import inspect
import re
from collections.abc import Callable
from dataclasses import dataclass

_SECTION = re.compile(r"^(Args|Arguments|Returns|Return|Raises|Yields|Examples?|Notes?|See Also):\s*$")
_ARGUMENT = re.compile(r"^(\w+)(?:\s*\([^)]*\))?:\s*(.*)$")


@dataclass(frozen=True, slots=True)
class Docstring:
    """What a docstring in Google's style says; paragraphs of `help` are parted by a blank line."""

    summary: str
    help: str
    arguments: dict[str, str]


def read_docstring(function: Callable[..., object]) -> Docstring:
    """Read the docstring of `function`; without one, everything is empty."""
    sections = _sections(inspect.getdoc(function) or "")
    summary, *rest = _paragraphs(sections.get("", [])) or [""]
    arguments = sections.get("Args", []) or sections.get("Arguments", [])
    return Docstring(summary=summary, help="\n\n".join(rest), arguments=_arguments(arguments))


def _sections(text: str) -> dict[str, list[str]]:
    sections: dict[str, list[str]] = {"": []}
    current = ""
    for line in text.splitlines():
        if heading := _SECTION.match(line):
            current = heading[1]
        sections.setdefault(current, [])
        if not heading:
            sections[current].append(line)
    return sections


def _paragraphs(lines: list[str]) -> list[str]:
    blocks = re.split(r"\n\s*\n", "\n".join(lines).strip())
    return [" ".join(block.split()) for block in blocks if block.strip()]


def _arguments(lines: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    current = ""
    for line in inspect.cleandoc("\n".join(lines)).splitlines():
        if entry := _ARGUMENT.match(line):
            current = entry[1]
            found[current] = entry[2].strip()
        elif current and line.strip():
            found[current] = f"{found[current]} {line.strip()}".strip()
    return found
