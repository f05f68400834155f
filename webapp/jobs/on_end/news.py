"""Telling a job's owner, and of a failure the administrators, by the ways that each of them has chosen."""

from collections.abc import Iterable, Iterator

from sqlmodel import Session, col, select

from webapp.jobs.dry_run import was_tried_out
from webapp.jobs.news.choices import ENDS, Event, Way, choice_of, ways_of
from webapp.jobs.news.inbox import put
from webapp.jobs.news.words import Words, facts_for, words_for
from webapp.kit import now
from webapp.store.tables import Channel, Delivery, InboxEntry, Job, Message, NewsChoice, Role, User


def job_ended(session: Session, job: Job) -> None:
    """Write down who is to hear of it; what leaves the desk is sent by `news.deliver`."""
    event = Event.well if was_tried_out(job) else ENDS.get(job.state)
    if event is None:
        return
    owner = session.get_one(User, job.owner_id)
    if owner.active:
        _tell(session, job, event, words_for(job), [owner])
    if event is Event.failed:
        admins = (col(User.role) == Role.admin, col(User.active), col(User.id) != owner.id)
        others = session.exec(select(User).where(*admins)).all()
        _tell(session, job, Event.any_failed, words_for(job, owner.name), others)


def _tell(session: Session, job: Job, event: Event, words: Words, people: Iterable[User]) -> None:
    message = Message(job_id=job.id, title=words.title, text=words.text, link=f"/jobs/{job.id}")
    entries = []
    for user in people:
        choice = choice_of(session, user.id)
        ways = ways_of(choice, event)
        if ways & {Way.inbox, Way.popup}:
            entries.append(_entry(message, user, ways))
        session.add_all(_deliveries(job, event, words, choice))
    if entries:
        put(session, message, entries)


def _deliveries(job: Job, event: Event, words: Words, choice: NewsChoice) -> Iterator[Delivery]:
    addresses = {Channel.mail: choice.mail, Channel.webhook: choice.webhook}
    for channel, address in addresses.items():
        if address and Way(channel) in ways_of(choice, event):
            yield Delivery(
                user_id=choice.user_id,
                job_id=job.id,
                channel=channel,
                address=address,
                event=event,
                title=words.title,
                text=words.text,
                body=facts_for(job),
            )


def _entry(message: Message, user: User, ways: frozenset[Way]) -> InboxEntry:
    """What only the browser is to show counts as read: it makes no number beside the inbox."""
    read_at = None if Way.inbox in ways else now()
    return InboxEntry(message_id=message.id, user_id=user.id, popup=Way.popup in ways, read_at=read_at)
