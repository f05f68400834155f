"""JSON whose numbers stay as they were written: no digit is lost on the way to the receiver."""

import json
from dataclasses import dataclass
from math import isfinite
from typing import Any

LONGEST_NUMBER = 100


class NumberError(ValueError):
    """No receiver could read this number."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number, in the characters in which it was written."""

    text: str


def number(text: str) -> Number:
    """A number that JSON can hold, and that programs can read.

    Raises:
        NumberError: it is too large or too long, or none at all, such as NaN.
    """
    if len(text) > LONGEST_NUMBER or not isfinite(float(text)):
        raise NumberError(f"is too large a number, or has more than {LONGEST_NUMBER} characters")
    return Number(text)


def read(text: str) -> Any:  # noqa: ANN401 (JSON)
    """What a JSON text holds; each number as a `Number`.

    Raises:
        JSONDecodeError: it is none.
        NumberError: one of its numbers is none.
    """
    return json.loads(text, parse_int=number, parse_float=number, parse_constant=number)


def write(part: Any, begin: str | None = None) -> str:  # noqa: ANN401 (JSON)
    """JSON on one line; on many for people to look at, if `begin` is what each of them begins with."""
    inner = None if begin is None else begin + "  "
    match part:
        case Number(text):
            return text
        case dict():
            return _listed("{}", [f"{write(name)}: {write(each, inner)}" for name, each in part.items()], begin)
        case list():
            return _listed("[]", [write(each, inner) for each in part], begin)
        case _:
            return json.dumps(part, ensure_ascii=False)


def _listed(signs: str, parts: list[str], begin: str | None) -> str:
    if begin is None or not parts:
        return signs[0] + ", ".join(parts) + signs[1]
    lines = ",\n".join(f"{begin}  {part}" for part in parts)
    return f"{signs[0]}\n{lines}\n{begin}{signs[1]}"
