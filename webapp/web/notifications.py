"""How somebody wants to hear of their jobs, and what was sent to them."""

from typing import Annotated, Final

from fastapi import APIRouter, Form, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response
from pydantic import BaseModel, ConfigDict

from webapp.errors import BadInput
from webapp.jobs.news import settle
from webapp.jobs.news.choices import Event, Way, choice_of, events_for, ways_of
from webapp.store.tables import Fate, User
from webapp.web.access import Viewer
from webapp.web.desk import Desk, DeskDep
from webapp.web.pages import render
from webapp.web.request_log import note

router = APIRouter(prefix="/notifications")

EVENTS: Final = {
    Event.well: "A job of mine ended well",
    Event.needs_me: "A job of mine needs me",
    Event.failed: "A job of mine failed",
    Event.any_failed: "A job of somebody else failed",
}
WAYS: Final = {Way.inbox: "Inbox", Way.popup: "Browser", Way.mail: "E-mail", Way.webhook: "Webhook"}
FATES: Final = {
    Fate.waiting: ("Waits", "wait", "clock"),
    Fate.taken: ("Being sent", "run", "play"),
    Fate.sending: ("Being sent", "run", "play"),
    Fate.done: ("Sent", "ok", "check"),
    Fate.failed: ("Failed", "bad", "cross"),
    Fate.unknown: ("Unknown", "warn", "alert"),
}
TEST: Final = "A test is on its way. Below you see what becomes of it."
DONE: Final = {
    "saved": "Saved. It holds for jobs that end from now on.",
}


class ChoiceForm(BaseModel):
    """What the form sends: a box for each event and way, as in `failed:mail`, and where to."""

    model_config = ConfigDict(extra="forbid")

    ways: list[str] = []
    mail: str = ""
    webhook: str = ""

    def wanted(self, user: User) -> settle.Wanted:
        """The same for the use-case; what nobody offered is left out."""
        ways = {event: [way for way in Way if f"{event}:{way}" in self.ways] for event in events_for(user)}
        return settle.Wanted(ways, self.mail, self.webhook)


@router.get("", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Viewer, done: str = "") -> Response:
    said = {"text": DONE[done], "tone": "ok"} if done in DONE else None
    return _page(request, desk, user, {"said": said, "tested": TEST if done == "test" else ""})


@router.get("/sent", response_class=HTMLResponse)
def show_sent(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """What was sent alone, asked for now and then by an open page."""
    return render(request, "notifications.html", {"sent": _sent(desk, user), "fates": FATES}, block="sent")


@router.post("")
def save(request: Request, desk: DeskDep, user: Viewer, form: Annotated[ChoiceForm, Form()]) -> Response:
    wanted = form.wanted(user)
    try:
        secret = settle.save(desk.database, desk.submissions.secrets, user, wanted)
    except BadInput as error:
        return _page(request, desk, user, {"problems": error.problems, "wanted": wanted}, 422)
    note(request, "notifications_changed")
    if secret is None:
        return RedirectResponse("/notifications?done=saved", status_code=303)
    return _page(request, desk, user, {"secret": secret, "said": {"text": DONE["saved"], "tone": "ok"}}, 201)


@router.post("/secret")
def renew_secret(request: Request, desk: DeskDep, user: Viewer) -> Response:
    """Another secret, shown this once."""
    secret = settle.renew_secret(desk.database, desk.submissions.secrets, user)
    note(request, "webhook_secret_renewed")
    return _page(request, desk, user, {"secret": secret}, 201)


@router.get("/secret")
def show_secret(_: Viewer) -> Response:
    """Where a secret was shown there is the page: so that the address can be opened again."""
    return RedirectResponse("/notifications", 303)


@router.post("/test")
def try_out(desk: DeskDep, user: Viewer) -> Response:
    """Send a test to each address."""
    with desk.database.write() as session:
        settle.try_out(session, user)
    return RedirectResponse("/notifications?done=test#sent-title", status_code=303)


def _page(request: Request, desk: Desk, user: User, extra: dict[str, object], status: int = 200) -> Response:
    with desk.database.read() as session:
        choice = choice_of(session, user.id)
        kept = {event: ways_of(choice, event) for event in events_for(user)}
    context: dict[str, object] = {
        "events": [(event, EVENTS[event]) for event in events_for(user)],
        "ways": WAYS,
        "wanted": settle.Wanted(kept, choice.mail or "", choice.webhook or ""),
        "has_webhook": choice.webhook is not None,
        "has_mail_server": desk.settings.mail_server is not None,
        "has_address": desk.settings.base_url is not None,
        "sent": _sent(desk, user),
        "fates": FATES,
        "problems": {},
        "secret": None,
        "tested": "",
        **extra,
    }
    return render(request, "notifications.html", context, status=status)


def _sent(desk: Desk, user: User) -> object:
    with desk.database.read() as session:
        return settle.sent_to(session, user)
