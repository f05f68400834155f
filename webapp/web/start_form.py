"""How a start is to be: at once or later, before others or after them, the first rows alone."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from webapp.authoring import FormField, Option
from webapp.errors import BadInput
from webapp.jobs.confirming import FIELD, Confirmed
from webapp.jobs.submission import StartAt
from webapp.jobs.zones import desk_zone, moments_of, zone_names, zones_by_region
from webapp.kit import now
from webapp.web import priority
from webapp.web.form_view import field_of

FIRST_ROWS: Final = 10
"""So many rows are run before somebody looks at them."""

REDO: Final = "redo"
START_FIELDS: Final = frozenset({"run_at", "zone", "priority", "first_rows", REDO, FIELD})
MOST_DIGITS: Final = 15
FARTHEST: Final = timedelta(days=366)
FAR: Final = "This is more than a year away. Choose a day within the next year."
GAP: Final = "There is no such time on that day: the clocks are put forward then. Choose another."
OVER: Final = "This time is over. Choose one that is to come, or leave it empty to start at once."


@dataclass(frozen=True, slots=True)
class StartForm:
    """The fields of a start as a page shows them, unfolded if something was typed into them.

    `confirm` is where the number of rows is typed, `redo` whether rows that are done already are to be run too.
    """

    fields: Sequence[FormField]
    confirm: FormField
    errors: Sequence[tuple[str, str]]
    opened: bool
    redo: bool


@dataclass(frozen=True, slots=True)
class TypedStart:
    """What was typed into these fields, and what is wrong with it, by their names."""

    form: Mapping[str, str] = field(default_factory=dict)
    problems: Mapping[str, str] = field(default_factory=dict)


NOTHING_TYPED: Final = TypedStart()


def start_of(form: Mapping[str, str]) -> StartAt:
    """The start that a form asks for.

    Raises:
        BadInput: by the names of its fields.
    """
    moment, problems = moment_of(form.get("run_at", "").strip(), form.get("zone", "") or "UTC")
    chosen = form.get("priority", "") or str(priority.NORMAL)
    if chosen not in map(str, priority.WORDS):
        problems["priority"] = "Choose one of the three."
    first = form.get("first_rows", "")
    if first not in {"", str(FIRST_ROWS)}:
        problems["first_rows"] = f"Run the first {FIRST_ROWS} rows, or all of them."
    said = _number(form.get(FIELD, ""))
    if said is None and form.get(FIELD, "").strip():
        problems[FIELD] = "Type the number of rows in digits."
    redo = form.get(REDO, "")
    if redo not in {"", "no", "yes"}:
        problems[REDO] = "Run only the rows that are new, or all of them."
    if problems:
        raise BadInput(problems)
    first_rows = int(first) if first else None
    return StartAt(first_rows, moment, int(chosen), Confirmed(said), redo == "yes")


def parted(
    problems: Mapping[str, str], form: Mapping[str, str], params: Collection[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """What is wrong with the start, and with the parameters of the job: they may have a name in common."""
    try:
        start_of(form)
        wrong: Mapping[str, str] = {}
    except BadInput as error:
        wrong = error.problems
    start = START_FIELDS - (set(params) - wrong.keys())
    return (
        {name: text for name, text in problems.items() if name in start},
        {name: text for name, text in problems.items() if name not in start},
    )


def start_form(typed: TypedStart = NOTHING_TYPED, usual_zone: str = "") -> StartForm:
    """The fields, empty or as they were typed; `usual_zone` is offered first to those without scripts."""
    given, wrong = typed.form, typed.problems
    zone = given.get("zone", "") or usual_zone or desk_zone()
    fields = (
        field_of(
            "start",
            "run_at",
            "Start at",
            "input",
            "Leave empty to start at once.",
            error=wrong.get("run_at"),
            value=given.get("run_at", ""),
            attributes={"type": "datetime-local"},
        ),
        field_of(
            "start",
            "zone",
            "In the time of",
            "select",
            "Where the clock shows this time.",
            error=wrong.get("zone"),
            options=tuple(Option(name, name.replace("_", " "), name == zone) for name in _zones(zone)),
            attributes={"data-own-zone": "offer" if "zone" in given else "choose"},
        ),
        field_of(
            "start",
            "priority",
            "Priority",
            "select",
            "Of the jobs that wait, a higher one comes first.",
            error=wrong.get("priority"),
            options=tuple(
                Option(str(value), word, str(value) == (given.get("priority", "") or str(priority.NORMAL)))
                for value, word in priority.WORDS.items()
            ),
        ),
    )
    confirm = field_of(
        "start",
        FIELD,
        "How many rows?",
        "input",
        "What this job does can’t be taken back. Type the number of rows in the file.",
        error=wrong.get(FIELD),
        value=given.get(FIELD, ""),
        attributes={"inputmode": "numeric", "autocomplete": "off"},
    )
    errors = [(each.id, f"{each.title}: {each.error}") for each in fields if each.error]
    errors += [(confirm.id, confirm.error)] if confirm.error else []
    errors += [("", text) for name, text in wrong.items() if name in {"first_rows", REDO}]
    typed_any = bool(given.get("run_at")) or given.get("priority", "") not in {"", str(priority.NORMAL)}
    redo = given.get(REDO) == "yes"
    return StartForm(fields, confirm, errors, opened=bool(wrong.keys() - {FIELD}) or typed_any, redo=redo)


def _number(text: str) -> int | None:
    """A number as people type it; thousands may be parted."""
    digits = "".join(text.replace(",", "").replace(".", "").replace("’", "").split())
    return int(digits) if digits.isascii() and digits.isdecimal() and len(digits) <= MOST_DIGITS else None


def _zones(first: str) -> Iterable[str]:
    every = (name for names in zones_by_region().values() for name in names)
    return dict.fromkeys((first, "UTC", *every))


def is_far(moment: datetime) -> bool:
    """Whether a moment is more than about a year away: some are too far to be reckoned with."""
    return abs(moment.replace(tzinfo=None) - now().replace(tzinfo=None)) > FARTHEST


def moment_of(text: str, zone: str) -> tuple[datetime | None, dict[str, str]]:
    """The time that is meant, or what is wrong with it."""
    if not text:
        return None, {}
    if zone not in zone_names():
        return None, {"zone": "This time zone is not known here. Choose another."}
    try:
        wall = datetime.fromisoformat(text).replace(tzinfo=None, second=0, microsecond=0)
    except ValueError:
        return None, {"run_at": "Write a day and a time, like 2026-11-20 14:30."}
    if is_far(wall):
        return None, {"run_at": FAR}
    found = moments_of(wall, ZoneInfo(zone))
    if not found:
        return None, {"run_at": GAP}
    to_come = [moment for moment in found if moment > now()]
    return (to_come[0], {}) if to_come else (None, {"run_at": OVER})
