"""What stands in the brackets of @job, looked at before anything is made of it: each mistake is said with its mend."""

import difflib
import inspect
import math
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from pydantic import BaseModel

from webapp.authoring.errors import AuthoringError, ComeBackLater, Failed, JobError, Rejected, Skipped, Unsure
from webapp.authoring.place import Place, place_of
from webapp.authoring.retry import Retry

LONGEST_TITLE: Final = 120
LONGEST_SECONDS: Final = 366 * 24 * 3600
LEAST_MEMORY: Final = 128_000_000  # a process takes some 90,000,000 before the job's own code begins
MOST_ATTEMPTS: Final = 100
_NOT_PLAIN: Final = (inspect.iscoroutinefunction, inspect.isgeneratorfunction, inspect.isasyncgenfunction)
"""Such functions do nothing when they are called, but give something that does."""
OUTCOMES: Final = (Rejected, Skipped, Failed, Unsure, JobError, ComeBackLater)


def refuse_bare(given: object) -> None:
    """Say that brackets are missing, if what is to be a job was given in the place of options.

    Raises:
        AuthoringError: it was.
    """
    if inspect.isfunction(given):
        raise place_of(given).mistake("stands under @job without brackets: write @job()")
    if callable(given):
        raise AuthoringError(f"{_shown(given)} stands under @job without brackets: write @job() above a function")


def check_options(place: Place, given: object, unknown: Mapping[str, object], options: Mapping[str, Any]) -> None:
    """See that each option is of its kind and within its range.

    Raises:
        AuthoringError: one is not; says which, and what to write.
    """
    if given is not None:
        raise place.mistake(f"has {given!r} in the brackets of @job without a name: write @job(title={given!r})")
    for name in unknown:
        raise place.mistake(f"has the option {name!r}{_near(name, options)}: @job takes {', '.join(sorted(options))}")
    for name, look in _LOOKS.items():
        wrong = None if options[name] is None and name not in _NEEDED else look(options[name])
        if wrong:
            raise place.mistake(f"has {name}={_shown(options[name])}: {wrong}")


def check_row_key(row_key: object, row_model: type[BaseModel] | None, place: Place, *, for_rows: bool) -> None:
    """See that what tells rows apart is there.

    Raises:
        AuthoringError: it is not; says what to write.
    """
    if row_key is None:
        return
    if not for_rows:
        raise place.mistake("has a row_key, but is not called for each row: leave it out")
    if isinstance(row_key, str) and row_model is not None and row_key not in row_model.model_fields:
        near = _near(row_key, row_model.model_fields)
        raise place.mistake(
            f"has row_key={row_key!r}{near}: its row has the fields {', '.join(row_model.model_fields)}"
        )


def _near(name: str, known: Mapping[str, Any]) -> str:
    near = difflib.get_close_matches(name, known, n=1)
    return f" (did you mean {near[0]!r}?)" if near else ""


def _shown(value: object) -> str:
    name = getattr(value, "__qualname__", None)
    text = name if isinstance(name, str) else repr(value)
    return text if len(text) <= LONGEST_TITLE else f"{text[:LONGEST_TITLE]}…"


def _title(value: object) -> str | None:
    if not isinstance(value, str) or not value.strip() or len(value) > LONGEST_TITLE or not value.isprintable():
        return f'write what operators call the job, on one line of at most {LONGEST_TITLE} characters: title="…"'
    return None


def _text(example: str) -> Callable[[object], str | None]:
    return lambda value: None if isinstance(value, str) and value else f"write a text, as in {example}"


def _texts(value: object) -> str | None:
    if isinstance(value, tuple | list) and all(isinstance(each, str) for each in value):
        return None
    return "write the endings in brackets with a comma, as in accepts=('.csv',)"


def _role(value: object) -> str | None:
    return None if value in ("operator", "admin") else 'write role="operator" or role="admin"'


def _flag(value: object) -> str | None:
    return None if isinstance(value, bool) else "write True or False"


def _seconds(value: Any) -> str | None:  # noqa: ANN401 (whatever an author wrote)
    if _is_number(value) and 1 <= value <= LONGEST_SECONDS:
        return None
    return f"write seconds, from 1 to {LONGEST_SECONDS:,}, as in time_limit=600"


def _memory(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= LEAST_MEMORY:
        return None
    return (
        f"write bytes, a whole number of at least {LEAST_MEMORY:_}, because a process takes most of that before your "
        "code begins: memory_limit=500_000_000 is 500 MB"
    )


def _only_one(value: object) -> str | None:
    return None if isinstance(value, bool) else _asked("one_at_a_time", "text")(value)


def _asked(name: str, answer: str) -> Callable[[object], str | None]:
    def look(value: object) -> str | None:
        mend = f"write a plain function that is called with the parameters by name, as in {name}=lambda given: …"
        if not callable(value) or inspect.iscoroutinefunction(value):
            return f"{mend}, and returns a {answer}"
        try:
            with suppress(ValueError):  # it is built in, and has no signature
                inspect.signature(value).bind({})
        except TypeError:
            return f"it has to take one argument, the parameters by name; {mend}"
        return None

    return look


def _shows(name: str, takes: str, names: tuple[str, ...]) -> Callable[[object], str | None]:
    def look(value: object) -> str | None:
        mend = f"write a plain function that takes {takes} by name, as in {name}=show_it"
        if not callable(value) or inspect.iscoroutinefunction(value):
            return mend
        try:
            inspect.signature(value).bind(**dict.fromkeys(names))
        except (TypeError, ValueError):
            return mend
        return None

    return look


def _row_key(value: object) -> str | None:
    mend = 'write the name of a column, as in row_key="order_id", or a function, as in row_key=lambda row: row.order_id'
    return None if (isinstance(value, str) and value) or _takes_one(value) else mend


def _estimate(value: object) -> str | None:
    mend = "write a plain function of the number of rows, as in estimate=lambda rows: (rows / 100, rows / 50)"
    return None if _takes_one(value) else mend


def _takes_one(value: object) -> bool:
    """Whether this is a plain function that can be called with one argument."""
    if not callable(value) or any(is_no_plain(value) for is_no_plain in _NOT_PLAIN):
        return False
    try:
        with suppress(ValueError):  # it is built in, and has no signature
            inspect.signature(value).bind(None)
    except TypeError:
        return False
    return True


def _undo(value: object) -> str | None:
    mend = "write a plain function that takes undo and ctx, as in undo=take_back"
    if not callable(value) or any(is_no_plain(value) for is_no_plain in _NOT_PLAIN):
        return mend
    try:
        with suppress(ValueError):  # it is built in, and has no signature
            inspect.signature(value).bind(None, None)
    except TypeError:
        return mend
    return None


def _rows(value: object) -> str | None:
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return None
    return "write a whole number of rows, as in confirm_above=50"


def _retry(value: object) -> str | None:
    if not isinstance(value, Retry):
        return "write retry=Retry(attempts=3), with Retry from webapp.authoring"
    number = isinstance(value.attempts, int) and not isinstance(value.attempts, bool)
    if not number or not 2 <= value.attempts <= MOST_ATTEMPTS:  # noqa: PLR2004 (the first, and at least one again)
        return f"attempts counts all tries, the first one too: write a whole number from 2 to {MOST_ATTEMPTS}"
    if not isinstance(value.on, tuple) or not value.on or not all(map(_is_exception, value.on)):
        return "on takes kinds of exceptions, in brackets with a comma, as in on=(ConnectionError,)"
    for kind in value.on:
        if issubclass(kind, OUTCOMES):
            return f"{kind.__name__} says for good what becomes of a row or a job, and is not tried again: leave it out"
    first, longest = value.first_seconds, value.longest_seconds
    if not (_is_number(first) and _is_number(longest) and 0 <= first <= longest <= LONGEST_SECONDS):
        return f"write 0 <= first_seconds <= longest_seconds <= {LONGEST_SECONDS:,}"
    return None


def _is_exception(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, Exception)


def _is_number(value: Any) -> bool:  # noqa: ANN401 (whatever an author wrote)
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)


_LOOKS: Final[Mapping[str, Callable[[Any], str | None]]] = {
    "title": _title,
    "name": _text('name="reorder"'),
    "restart": _flag,
    "private": _flag,
    "role": _role,
    "retry": _retry,
    "queue": _text('queue="mail"'),
    "one_at_a_time": _only_one,
    "at_once": _asked("at_once", "number"),
    "time_limit": _seconds,
    "memory_limit": _memory,
    "icon": _text('icon="table"'),
    "accepts": _texts,
    "example": _text('example="people.csv"'),
    "preview": _shows("preview", "row, given, settings", ("row", "given", "settings")),
    "foresee": _shows("foresee", "sample, given, settings", ("sample", "given", "settings")),
    "needs": _shows("needs", "given, settings", ("given", "settings")),
    "trial": _shows("trial", "row, given, settings, to", ("row", "given", "settings", "to")),
    "confirm_above": _rows,
    "undo": _undo,
    "row_key": _row_key,
    "estimate": _estimate,
    "check": _asked("check", "sentence for each that does not go with the others"),
}
_NEEDED: Final = {"restart", "private", "role", "queue", "one_at_a_time", "accepts"}
