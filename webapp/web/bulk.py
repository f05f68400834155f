"""The same asked of many jobs of the list: the question with its number, and what came of it."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Annotated, Any, Final, Literal
from uuid import UUID

from fastapi import APIRouter, Form, Query, Request
from fastapi.responses import RedirectResponse, Response
from pydantic import ConfigDict, Field

from webapp.errors import NotFound, Refused
from webapp.jobs.bulk import Bulks, Meant
from webapp.jobs.bulk_asked import Bulk
from webapp.jobs.bulk_asked import BulkAction as A
from webapp.store.tables import User
from webapp.web.access import Operator
from webapp.web.bulk_words import CHOICES, WORDS, others
from webapp.web.desk import Desk, DeskDep
from webapp.web.job_line import job_lines
from webapp.web.jobs import ListQuery
from webapp.web.pages import render

router = APIRouter(prefix="/jobs/bulk")

EXAMPLES: Final = 10
LONGEST_ID: Final = 18  # digits; no database has larger numbers


class Asked(ListQuery, extra="ignore"):
    """What the bar below the list sends: the list's own address, the action, and the jobs that were ticked."""

    action: str = ""
    which: Literal["ticked", "all"] = "ticked"
    ids: list[UUID] = Field(default_factory=list)

    def bulk(self, user: User) -> Bulk:
        """The same for the use-case.

        Raises:
            NotFound: there is no such action.
        """
        action, _, priority = self.action.partition(":")
        if self.action not in CHOICES:
            raise NotFound
        wanted = self.filter(user)
        asked = Bulk(A(action), int(priority) if priority else None)
        if self.which == "ticked":
            return Bulk(asked.action, asked.priority, ids=tuple(self.ids))
        return Bulk(
            asked.action, asked.priority, (), wanted.states, wanted.unseen, wanted.job_type, wanted.text, wanted.settled
        )


class Confirmed(Asked):
    """The same, confirmed: how many jobs, and the newest of those that were meant."""

    model_config = ConfigDict(extra="forbid")

    count: int
    upto: UUID | None = None

    def bulk(self, user: User) -> Bulk:
        return replace(super().bulk(user), upto=self.upto)


@router.get("")
def ask(request: Request, desk: DeskDep, user: Operator, query: Annotated[Asked, Query()]) -> Response:
    """The question, with how many jobs it is about."""
    return _question(request, desk, user, query)


@router.post("")
def do(request: Request, desk: DeskDep, user: Operator, form: Annotated[Confirmed, Form()]) -> Response:
    if form.which == "ticked" and not form.ids:
        return _question(request, desk, user, form)
    try:
        outcome = Bulks(desk.control).do(user, form.bulk(user), form.count)
    except Refused as error:
        return _question(request, desk, user, form, error.message)
    return RedirectResponse(f"/jobs/bulk/{outcome.id}", status_code=303)


@router.get("/{outcome_id}")
def show(request: Request, desk: DeskDep, user: Operator, outcome_id: str) -> Response:
    """What came of it."""
    outcome = Bulks(desk.control).outcome(user, _known(outcome_id))
    context = {"outcome": outcome, "words": WORDS[outcome.asked.action], "others": others(outcome.others)}
    return render(request, "bulk/done.html", context)


@router.post("/{outcome_id}/rest")
def go_on(desk: DeskDep, user: Operator, outcome_id: str) -> Response:
    """Ask those that were not asked for want of time."""
    bulks = Bulks(desk.control)
    before = bulks.outcome(user, _known(outcome_id))
    outcome = bulks.do(user, before.asked, before.left)
    return RedirectResponse(f"/jobs/bulk/{outcome.id}", status_code=303)


def _question(request: Request, desk: Desk, user: User, asked: Asked, problem: str | None = None) -> Response:
    bulk = asked.bulk(user)
    nothing_ticked = asked.which == "ticked" and not asked.ids
    meant = Meant(0, 0, None, ()) if nothing_ticked else Bulks(desk.control).meant(user, bulk, EXAMPLES)
    with desk.database.read() as session:
        lines = job_lines(session, desk.registry, meant.first)
    context: Mapping[str, Any] = {
        "asked": asked,
        "back": asked.url(),
        "meant": meant,
        "lines": lines,
        "problem": problem,
        "nothing_ticked": nothing_ticked,
        "words": WORDS[bulk.action],
        "choice": CHOICES[asked.action],
        "others": others(meant.others),
    }
    return render(request, "bulk/ask.html", context, status=409 if problem else 200)


def _known(outcome_id: str) -> int:
    if not (outcome_id.isascii() and outcome_id.isdigit() and len(outcome_id) <= LONGEST_ID):
        raise NotFound
    return int(outcome_id)
