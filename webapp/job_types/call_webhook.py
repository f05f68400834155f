"""Call a web address for each row: the built-in job that tells another system about the rows of a file."""

import time
from collections.abc import Mapping
from functools import lru_cache
from typing import Annotated, Any, Literal
from uuid import uuid4

from pydantic import Field, JsonValue, SecretStr

from webapp.authoring import ColumnName, Context, JobError, Retry, Row, Sight, job
from webapp.services.placeholders import PlaceholderError
from webapp.services.webhooks.fields import CallBody, CallHeaders, CallUrl
from webapp.services.webhooks.sender import SenderService
from webapp.services.webhooks.signing import signature_headers
from webapp.services.webhooks.template import HEADER_NAME, HEADER_VALUE, Message, MessageTemplate
from webapp.services.webhooks.verdict import AskAgain
from webapp.services.webhooks.written import read, write
from webapp.settings import Settings

Method = Literal["POST", "PUT", "PATCH", "DELETE", "GET"]
KEYED: dict[str, JsonValue] = {"shown_if": {"key": True}}
KEY_HEADER = "idempotency-key"
FIXED = Field(title="Secret header’s name", max_length=100, examples=["X-Api-Key"])
BODY_HINT = '{"name": "{Full name}", "address": {"city": "{City}"}}'


def what_does_not_fit(params: Mapping[str, Any]) -> dict[str, str]:
    """What can be said of the entries together."""
    problems = {}
    name, value = params["auth_header"], params["auth"]
    if not HEADER_NAME.fullmatch(name):
        problems["auth_header"] = "This cannot be the name of a header: write letters, digits and hyphens."
    if value is not None and not HEADER_VALUE.fullmatch(value.get_secret_value()):
        problems["auth"] = "The secret has a character that headers cannot hold."
    if params["body"] is not None and params["method"] == "GET":
        problems["body"] = "A GET has no body: leave it blank, or choose another method."
    return problems


def how_many_at_once(params: Mapping[str, Any]) -> int:
    """Without keys one row after the other: only of one would nobody know whether it arrived."""
    return int(params["at_once"]) if params["key"] else 1


def show_call(row: Row, given: Mapping[str, Any], settings: Settings) -> Sight:  # noqa: ARG001 (handed to each)
    """The call of a row as it will be sent, without what is secret."""
    headers = tuple(given["headers"].items())
    template = template_of(given["method"], given["url"], headers, given["body"], tuple(given["numbers"]))
    message = message_for(row, template)
    facts = [("Call", f"{message.method} {message.url}"), *message.headers.items()]
    if given["auth"] is not None:
        facts.append((given["auth_header"], "the secret, which is not shown"))
    text = "" if message.body is None else write(read(message.body.decode()), "")
    return Sight(tuple(facts), text)


@job(
    title="Call a web address for each row",
    icon="external",
    check=what_does_not_fit,
    preview=show_call,
    at_once=how_many_at_once,
    queue="web",
    retry=Retry(attempts=6, on=(AskAgain,), first_seconds=10, longest_seconds=900),
)
def call_webhook(  # noqa: D417, PLR0913 (row, ctx and sender are no fields of the form, and each of the others is one)
    row: Row,
    ctx: Context,
    sender: SenderService,
    *,
    url: Annotated[
        CallUrl, Field(title="Address", json_schema_extra={"placeholder": "https://crm.example/people/{id}"})
    ],
    method: Method = "POST",
    headers: Annotated[CallHeaders, Field(title="Headers", default_factory=dict)],
    body: Annotated[
        CallBody | None, Field(title="JSON to send", json_schema_extra={"placeholder": BODY_HINT, "widget": "textarea"})
    ] = None,
    numbers: Annotated[tuple[ColumnName, ...], Field(title="Columns to send as numbers")] = (),
    auth_header: Annotated[str, FIXED] = "Authorization",
    auth: Annotated[SecretStr | None, Field(title="Secret header’s value")] = None,
    signing_secret: Annotated[SecretStr | None, Field(title="Secret for signatures")] = None,
    key: Annotated[bool, Field(title="Send a key with each row")] = True,
    per_second: Annotated[float, Field(title="Calls per second, at most", gt=0, le=1_000)] = 10,
    at_once: Annotated[  # noqa: ARG001 (said to how_many_at_once)
        int, Field(title="Calls at the same time", ge=1, le=20, json_schema_extra=KEYED)
    ] = 1,
    seconds: Annotated[float, Field(title="Seconds to wait for an answer", ge=1, le=300)] = 30,
) -> None:
    """Tell another system about each row of a file, by calling a web address with it.

    A row is done when the receiver answers with a success. One that it refuses has failed, with the receiver's words.
    Where it is busy, makes an error or does not answer, the row is sent again by itself, six times at most. A receiver
    that is away is waited for: the job goes on where it was. All answers are in a file beside the job.

    Args:
        url: Put columns in braces, behind the host: https://crm.example/people/{id}. Cells are encoded.
        method: What the receiver is asked to do; its documentation says which.
        headers: Further headers, as the receiver wants them; columns in braces may stand in their values.
        body: As the receiver wants it, with columns in braces within quotation marks. Blank sends all columns.
        numbers: Where a cell is all of a value, it is sent as 5 instead of "5". Other cells are texts.
        auth_header: Often Authorization or X-Api-Key.
        auth: Such as Bearer and a token. It is kept encrypted, and sent to nobody but this host.
        signing_secret: The receiver can check by it that it was you who sent the row. Standard Webhooks has the rules.
        key: Receivers that know Idempotency-Key do a row once, however often it comes. Without it, a row of which
            nobody knows whether it arrived is not sent again until you say so.
        at_once: For receivers that are slow to answer. With keys only: whatever happens, the same rows are sent again.
        per_second: Ask the receiver how much it bears.
        seconds: After that, the row counts as not answered.
    """
    message = message_for(row, template_of(method, url, tuple(headers.items()), body, numbers))
    extra = {} if auth is None else {auth_header: auth.get_secret_value()}
    sender.wait_turn(per_second)
    if key:
        stable = ctx.idempotency_key()
        sender.send(signed(message, signing_secret, stable, {**extra, KEY_HEADER: stable}), seconds=seconds, keyed=True)
        return
    with ctx.send_once():
        sender.send(signed(message, signing_secret, str(uuid4()), extra), seconds=seconds, keyed=False)


@lru_cache(maxsize=8)
def template_of(
    method: str, url: str, headers: tuple[tuple[str, str], ...], body: str | None, numbers: tuple[str, ...]
) -> MessageTemplate:
    """What was entered, read once for all rows."""
    return MessageTemplate.read(method, url, dict(headers), body, numbers)


def message_for(row: Row, template: MessageTemplate) -> Message:
    """What is sent for a row, without secrets.

    Raises:
        JobError: what was entered does not fit the file.
        Rejected: a cell cannot stand where it is wanted.
    """
    try:
        return template.message(row)
    except PlaceholderError as error:
        raise JobError(f"What was entered for the call {error}.") from error


def signed(message: Message, secret: SecretStr | None, message_id: str, extra: Mapping[str, str]) -> Message:
    """The message with what only the receiver may read, and signed if there is a secret for that."""
    signature = {}
    if secret is not None:
        now = int(time.time())
        signature = signature_headers(secret.get_secret_value(), message_id, now, message.body or b"")
    return Message(message.method, message.url, {**message.headers, **extra, **signature}, message.body)
