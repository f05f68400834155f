"""Uploads that survive a lost connection: tus 1.0.0 with creation, termination and expiration.

https://tus.io/protocols/resumable-upload
"""

import base64
import binascii
from collections.abc import Callable, Coroutine
from datetime import UTC
from email.utils import format_datetime
from typing import Any
from uuid import UUID

from anyio import CancelScope
from fastapi import APIRouter, HTTPException, Request, Response, status
from fastapi.responses import PlainTextResponse
from fastapi.routing import APIRoute

from webapp.errors import DeskError, Refused, TooLarge
from webapp.kit import now
from webapp.store.tables import Upload
from webapp.store.uploads import KEPT, Uploads
from webapp.web.access import Operator
from webapp.web.body import declared_length, on_disk, require_plain, take_body
from webapp.web.desk import Desk, DeskDep
from webapp.web.errors import Problem, describe

VERSION = "1.0.0"
EXTENSIONS = "creation,termination,expiration"
OFFSET_STREAM = "application/offset+octet-stream"
MOST_DIGITS = 18  # of a number of bytes: fits a 64-bit integer


class TusRoute(APIRoute):
    """A route whose every answer is tus: the version in the header, a plain sentence when something is refused."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_in_tus(request: Request) -> Response:
            try:
                response = await answer(request)
            except (DeskError, HTTPException) as error:
                response = _refusal(describe(error))
            response.headers["Tus-Resumable"] = VERSION
            response.headers["Cache-Control"] = "no-store"
            return response

        return answer_in_tus


router = APIRouter(prefix="/uploads", route_class=TusRoute, include_in_schema=False)


def uploads_of(desk: Desk) -> Uploads:
    """The use-cases of uploads, within the desk's limits."""
    return Uploads(desk.database, desk.files, desk.settings.max_upload, desk.settings.disk_reserve)


@router.options("")
def describe_(desk: DeskDep, user: Operator) -> Response:  # noqa: ARG001 (says who may call)
    """Say what this server can do."""
    return _empty({"Tus-Version": VERSION, "Tus-Extension": EXTENSIONS, "Tus-Max-Size": str(desk.settings.max_upload)})


@router.post("")
def create_(request: Request, desk: DeskDep, user: Operator) -> Response:
    """Begin an upload; its address is in `Location`."""
    _require_version(request)
    size = _number(request, "Upload-Length")
    upload = uploads_of(desk).create(user.id, _file_name(request), size)
    return _empty(
        {"Location": f"/uploads/{upload.id}", "Upload-Offset": "0", "Upload-Expires": _expiry()},
        status.HTTP_201_CREATED,
    )


@router.head("/{upload_id:uuid}")
def show_(upload_id: UUID, request: Request, desk: DeskDep, user: Operator) -> Response:
    """Say how far an upload got. One whose last byte came just before a crash is completed here."""
    _require_version(request)
    uploads = uploads_of(desk)
    upload = uploads.find(user.id, upload_id)
    offset = uploads.received(upload)
    if offset == upload.size:
        uploads.complete(upload)
    name = base64.b64encode(upload.name.encode()).decode()
    progress = {"Upload-Offset": str(offset), "Upload-Length": str(upload.size)}
    return _empty({**progress, "Upload-Metadata": f"filename {name}"}, status.HTTP_200_OK)


@router.patch("/{upload_id:uuid}")
async def append_(upload_id: UUID, request: Request, desk: DeskDep, user: Operator) -> Response:
    """Take the bytes that follow `Upload-Offset`; the last one completes the upload."""
    _require_version(request)
    _require_offset_stream(request)
    uploads, offset = uploads_of(desk), _number(request, "Upload-Offset")
    upload = await on_disk(uploads.find, user.id, upload_id)
    await on_disk(_require_welcome, uploads, upload, offset, declared_length(request))

    def take(piece: bytearray) -> None:
        nonlocal offset
        offset = uploads.append(upload, offset, piece)

    try:
        await take_body(request, take)
    finally:
        with CancelScope(shield=True):  # what came is kept, whatever ended it
            await on_disk(desk.files.sync_upload, upload.id)
    if offset == upload.size:
        await on_disk(uploads.complete, upload)
    return _empty({"Upload-Offset": str(offset), "Upload-Expires": _expiry()})


@router.delete("/{upload_id:uuid}")
def remove_(upload_id: UUID, request: Request, desk: DeskDep, user: Operator) -> Response:
    """Forget an upload."""
    _require_version(request)
    uploads = uploads_of(desk)
    uploads.abandon(uploads.find(user.id, upload_id))
    return _empty()


def _require_welcome(uploads: Uploads, upload: Upload, offset: int, length: int | None) -> None:
    """Refuse before the body is read whatever can be refused then."""
    if offset != uploads.received(upload):
        raise Refused("The upload has gone on elsewhere. Choose the file again to continue it.")
    if offset + (length or 0) > upload.size:
        raise TooLarge("More bytes came than the file was said to have. Choose the file again.")
    uploads.files.require_space(upload.size - offset, uploads.reserve)


def _require_version(request: Request) -> None:
    if request.headers.get("tus-resumable") != VERSION:
        raise HTTPException(status.HTTP_412_PRECONDITION_FAILED, headers={"Tus-Version": VERSION})


def _require_offset_stream(request: Request) -> None:
    require_plain(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != OFFSET_STREAM:
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE)


def _number(request: Request, header: str) -> int:
    said = request.headers.get(header, "")
    if not (said.isascii() and said.isdigit() and len(said) <= MOST_DIGITS):
        raise DeskError(f"{header} must be a whole number of bytes.")
    return int(said)


def _file_name(request: Request) -> str:
    pairs = (pair.strip().partition(" ") for pair in request.headers.get("upload-metadata", "").split(","))
    metadata = {key: value for key, _, value in pairs}
    try:
        return base64.b64decode(metadata.get("filename", ""), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        raise DeskError("The file's name can't be read: give it as UTF-8 in base64.") from None


def _expiry() -> str:
    return format_datetime((now() + KEPT).astimezone(UTC), usegmt=True)


def _empty(headers: dict[str, str] | None = None, code: int = status.HTTP_204_NO_CONTENT) -> Response:
    return Response(status_code=code, headers=headers)


def _refusal(problem: Problem) -> Response:
    # closed, because the rest of a refused body isn't worth its way here
    return PlainTextResponse(problem.detail, problem.status, {**problem.headers, "Connection": "close"})
