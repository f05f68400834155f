"""Who did what with a job and when, in words."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlmodel import Session, col, select

from webapp.store.tables import Activity, User
from webapp.web import priority
from webapp.web.deed_words import WORDS
from webapp.web.format import number, plural

THE_DESK: Final = "The desk"
MADE: Final[Mapping[str, str]] = {
    "made_by_schedule": "made it by the schedule{name}",
    "made_by_hand": "had the schedule{name} run now",
}
DECIDED: Final[Mapping[str, str]] = {
    "sent": "marked {rows} as sent",
    "not_sent": "marked {rows} as not sent",
    "send_again": "had {rows} sent again",
    "seen": "has seen to it: “{problem}”",
    "unseen": "took back that it was seen to",
}
SEEN: Final = "has seen to it"
ANOTHER_JOB: Final[Mapping[str, str]] = {"run_again": "ran it again as job {}", "undo": "had it undone by job {}"}
OTHERS: Final[Mapping[str, str]] = {
    "start": "started it",
    "priority": "set its priority",
    "decide": "decided about rows",
}
CHOICES: Final[Mapping[str, str]] = {**WORDS, **MADE, **ANOTHER_JOB, **OTHERS}
"""The deeds to choose from."""
_DETAIL: Final = re.compile(r"\s*\{[^}]*\}")
MOST_ROWS: Final = 5


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that somebody did."""

    at: datetime
    who: str
    what: str
    job_id: str | None = None


def deeds_of(session: Session, done: Sequence[Activity]) -> Sequence[Deed]:
    """The deeds in words, in the order given."""
    ids = {each.user_id for each in done if each.user_id}
    names = dict(session.exec(select(User.id, User.name).where(col(User.id).in_(ids))).all()) if ids else {}
    return [
        Deed(
            at=each.at,
            who=names.get(each.user_id, "Somebody") if each.user_id else THE_DESK,
            what=_words(each.action, each.detail),
            job_id=each.detail.get("job"),
        )
        for each in done
    ]


def choice_of(action: str) -> str:
    """A deed as a filter names it: in the words of its lines, without what differs from one to the other."""
    words = _DETAIL.sub(" …", CHOICES[action]).replace(" …,", ",").strip()
    return f"{words[0].upper()}{words[1:]}"


def _words(action: str, detail: Mapping[str, Any]) -> str:
    if action == "start":
        return _started(detail)
    if action in MADE:
        return MADE[action].format(name=f" {detail['name']}" if detail.get("name") else "")
    if action == "priority":
        return f"set its priority to {priority.word(detail['priority'])}"
    if action == "decide":
        return _decided(detail)
    if action in ANOTHER_JOB:
        return ANOTHER_JOB[action].format(detail["number"])
    return WORDS[action].format_map(_Told(detail)) if action in WORDS else action.replace("_", " ")


class _Told(dict[str, Any]):
    """A deed's detail; what an older version did not write down is left open."""

    def __missing__(self, name: str) -> str:
        return "…"


def _started(detail: Mapping[str, Any]) -> str:
    first = detail.get("first_rows")
    rows = f" with the first {number(first)} only" if first else ""
    return f"set a time for it to start{rows}" if detail.get("run_at") else f"started it{rows}"


def _decided(detail: Mapping[str, Any]) -> str:
    if detail["decision"] == "seen" and not detail.get("problem"):
        return SEEN
    rows, problem = _rows(detail.get("rows"), detail.get("count", 0)), detail.get("problem") or "…"
    return DECIDED[detail["decision"]].format(rows=rows, problem=problem)


def _rows(rows: Sequence[int] | None, count: int) -> str:
    """Which rows, where they were named and are not too many."""
    if not rows or len(rows) > MOST_ROWS:
        return plural(count, "row")
    return f"row{'s' if len(rows) > 1 else ''} {', '.join(map(number, rows))}"
