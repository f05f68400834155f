"""Forms as browsers and programs send them, with files going straight to the disk: one copy, flat memory."""

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

from anyio import CancelScope
from fastapi import HTTPException, Request, status
from python_multipart.multipart import parse_options_header
from starlette.datastructures import ImmutableMultiDict

from webapp.store.tables import Upload, User
from webapp.store.uploads import Uploads
from webapp.web.body import declared_length, on_disk, require_plain, take_body, whole_body
from webapp.web.desk import Desk
from webapp.web.parts import ALL_FIELDS, Parts, broken_form
from webapp.web.uploads import uploads_of

PARAMS = "params."
MOST_FIELDS = 1000  # of a form without files
TOO_LONG = "This form holds more text than the desk accepts. Shorten it, or send it as a file."


@dataclass(frozen=True, slots=True)
class ReceivedForm:
    """What a form held: its fields, repeated ones too, and its files by the name of their field."""

    fields: ImmutableMultiDict[str, str]
    uploads: Mapping[str, Upload]

    @property
    def answers(self) -> ImmutableMultiDict[str, str]:
        """The fields, and behind them those of files that are parameters: each as its id and name."""
        files = [(name, f"{upload.id} {upload.name}") for name, upload in self.uploads.items()]
        chosen = [pair for pair in files if pair[0].startswith(PARAMS)]
        return ImmutableMultiDict([*self.fields.multi_items(), *chosen]) if chosen else self.fields


async def receive_form(request: Request, desk: Desk, user: User) -> ReceivedForm:
    """Read a form of either kind. Its files become complete uploads of `user`; if anything is refused, none does.

    A file input that was left empty gives no upload.

    Raises:
        TooLarge: a file, a field or the whole is larger than accepted.
        NoSpace: the disk can't take it.
        DeskError: the form is broken or broke off.
        HTTPException: 408 after a long silence, 415 if it is no form.
        ClientDisconnect: the sender went away.
    """
    require_plain(request)
    kind, options = parse_options_header(request.headers.get("content-type"))
    if kind == b"multipart/form-data":
        return await _receive_multipart(request, options.get(b"boundary", b""), uploads_of(desk), user)
    if kind == b"application/x-www-form-urlencoded":
        return ReceivedForm(await _receive_fields(request), {})
    raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE)


async def _receive_fields(request: Request) -> ImmutableMultiDict[str, str]:
    body = await whole_body(request, ALL_FIELDS, TOO_LONG)
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise broken_form() from None
    return ImmutableMultiDict(pairs)


async def _receive_multipart(request: Request, boundary: bytes, uploads: Uploads, user: User) -> ReceivedForm:
    of_files = (declared_length(request) or 0) - ALL_FIELDS
    await on_disk(uploads.require_room, max(of_files, 0))
    parts = Parts(boundary, uploads)
    try:
        await take_body(request, parts.feed)
        received = await on_disk(parts.finish)
    except BaseException as error:
        with CancelScope(shield=True):  # whatever ended it, its bytes go
            await on_disk(parts.discard, error)
        raise
    rows = await on_disk(uploads.add, user.id, list(received.values()))
    return ReceivedForm(ImmutableMultiDict(parts.fields), dict(zip(received, rows, strict=True)))
