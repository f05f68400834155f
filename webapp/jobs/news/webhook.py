"""Telling a program: signed as https://www.standardwebhooks.com has it, and with the same key at each try."""

import json
import time
from typing import TYPE_CHECKING, Final

from webapp.authoring import NotSent
from webapp.errors import Refused
from webapp.jobs.news import outbox
from webapp.services.outgoing.client import Client
from webapp.services.outgoing.errors import AddressRefused, HttpTrouble
from webapp.services.webhooks.signing import signature_headers
from webapp.services.webhooks.verdict import AskAgain, Heard, judge, seconds_to_wait
from webapp.store.tables import Delivery, Fate, NewsChoice

if TYPE_CHECKING:
    from webapp.jobs.news.deliver import Outgoing

SECONDS: Final = 15.0
KEY_CHANGED: Final = "Its secret can’t be read any more, because the desk’s key has changed. Make a new one."


def call_webhook(outgoing: "Outgoing", held: Delivery, choice: NewsChoice) -> None:
    """Call a webhook that is held, and write down what became of it."""
    database = outgoing.database
    try:
        secret = outgoing.secrets.unlock(choice.secret)["secret"]
        heard = _call(outgoing, held, secret)
        judge(heard, keyed=True)
    except (Refused, KeyError):
        outbox.end(database, held, Fate.failed, KEY_CHANGED)
    except AskAgain as error:
        outbox.try_again(database, held, str(error), error.retry_after or 0)
    except (AddressRefused, NotSent) as error:
        outbox.end(database, held, Fate.failed, str(error))
    except HttpTrouble as error:
        outbox.try_again(database, held, str(error))
    else:
        outbox.end(database, held, Fate.done, f"The receiver answered {heard.sentence}.")


def body_of(held: Delivery, link: str | None) -> bytes:
    """What is sent; the same at each try."""
    told = {"id": str(held.id), "event": held.event, "at": held.created_at.isoformat(), "title": held.title}
    return json.dumps({**told, "text": held.text, "url": link, "job": held.body or None}).encode()


def _call(outgoing: "Outgoing", held: Delivery, secret: str) -> Heard:
    key, body = str(held.id), body_of(held, outgoing.link(held))
    signed = signature_headers(secret, key, int(time.time()), body)
    headers = {"content-type": "application/json", "idempotency-key": key, "connection": "close", **signed}
    with (
        Client(outgoing.settings.allowed_hosts or ()) as client,
        client.send("POST", held.address, headers=headers, body=body, seconds=SECONDS) as answer,
    ):
        return Heard(answer.status, answer.words(), seconds_to_wait(answer.headers.get("retry-after")))
