"""Send a message to people: the built-in job that tells the people of the desk something, in their inboxes."""

import re
from collections.abc import Mapping
from typing import Annotated, Any, Final, Literal

from pydantic import Field

from webapp.authoring import Context, JobError, Undo, job
from webapp.services.messages import MessageService, withdraw

MOST_NAMES: Final = 1_000
LINK: Final = re.compile(r"/(?![/\\])[^\s\\]*")
ROLES: Final = {"viewer": "People who look", "operator": "People who run jobs", "admin": "Administrators"}
WHOM: Final = {"everybody": "Everybody", "roles": "Everybody with a role", "people": "People by name"}

Whom = Literal["everybody", "roles", "people"]
RoleName = Literal["viewer", "operator", "admin"]


def what_does_not_fit(given: Mapping[str, Any]) -> dict[str, str]:
    """What can be said before the job is accepted."""
    problems = {}
    if not given["title"].strip() or not given["title"].isprintable():
        problems["title"] = "Write a title, on one line."
    if not given["text"].strip():
        problems["text"] = "Write what you have to say."
    link = given["link"]
    if link is not None and not (LINK.fullmatch(link) and link.isprintable()):
        problems["link"] = "A link leads to a page of this desk: write what stands behind its name, as in /jobs."
    if given["to"] == "roles" and not given["roles"]:
        problems["roles"] = "Tick at least one role."
    if given["to"] == "people" and not any(name.strip() for name in given["names"]):
        problems["names"] = "Name at least one person, each on a line of its own."
    return problems


def take_back(undo: Undo, ctx: Context) -> None:
    """Take the message back from those who have not read it."""
    undo.rows(1)
    withdraw(ctx, undo.job.id)


@job(title="Send a message to people", icon="people", role="admin", check=what_does_not_fit, undo=take_back)
def broadcast(  # noqa: D417, PLR0913 (each is a field of the form, or is handed in by the desk)
    ctx: Context,
    messages: MessageService,
    *,
    title: Annotated[str, Field(min_length=1, max_length=150, examples=["The desk is closed on Friday"])],
    text: Annotated[str, Field(min_length=1, max_length=5_000)],
    to: Annotated[Whom, Field(json_schema_extra={"labels": WHOM})] = "everybody",
    roles: Annotated[
        tuple[RoleName, ...], Field(json_schema_extra={"labels": ROLES, "shown_if": {"to": "roles"}})
    ] = (),
    names: Annotated[
        tuple[Annotated[str, Field(max_length=100)], ...],
        Field(title="People", max_length=MOST_NAMES, json_schema_extra={"shown_if": {"to": "people"}}),
    ] = (),
    link: Annotated[str | None, Field(title="Link", max_length=200, json_schema_extra={"placeholder": "/jobs"})] = None,
) -> None:
    """Tell the people of this desk something: they find it in their inbox, and see at once that it is there.

    Each person is a row: it is done once the message is in their inbox. All of them get it at the same moment, once.
    Undo takes the message back from those who have not read it yet.

    Args:
        text: Plain text; lines and paragraphs stay as they are.
        to: Whoever may sign in at the moment when the job runs.
        names: A name on each line, as people sign in.
        link: A page of this desk, as in /jobs or /schedules; behind the message stands a link to it.
    """
    people = messages.named([name for name in names if name.strip()]) if to == "people" else None
    if people is None:
        people = messages.everybody(set(roles) if to == "roles" else None)
    if not people:
        raise JobError("Nobody has such a role, so nobody was told. Choose others.")
    ctx.account.rows(len(people))
    told = {}
    for row, person in enumerate(people, start=1):
        if person.id is None:
            ctx.account.reject(row, "Nobody of this name may sign in here.", person.name)
        elif not person.active:
            ctx.account.skip(row, f"{person.name}’s account is closed")
        elif person.id in told:
            ctx.account.skip(row, f"{person.name} is named twice")
        else:
            told[person.id] = person
    if told:
        messages.send(told.values(), title.strip(), text.strip(), link)
    for person in told.values():
        ctx.log(f"To {person.name}")
