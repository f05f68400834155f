"""A request's JSON, bounded like a form."""

import json
from contextlib import aclosing
from typing import Any

from fastapi import HTTPException, Request, status

from webapp.errors import DeskError, TooLarge
from webapp.web.body import declared_length, pieces, require_plain
from webapp.web.parts import ALL_FIELDS


async def receive_json(request: Request) -> dict[str, Any]:
    """Read an object of JSON.

    Raises:
        DeskError: it is none.
        TooLarge: it is larger than a form may be.
        HTTPException: 408 after a long silence, 415 if it is said to be something else.
    """
    require_plain(request)
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise HTTPException(status.HTTP_415_UNSUPPORTED_MEDIA_TYPE)
    _require_short(declared_length(request) or 0)
    body = bytearray()
    async with aclosing(pieces(request)) as stream:
        async for piece in stream:
            body += piece
            _require_short(len(body))
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise DeskError("This is not JSON.") from None
    if not isinstance(values, dict):
        raise DeskError("This is not a JSON object: send names with values.")
    return values


def _require_short(length: int) -> None:
    if length > ALL_FIELDS:
        raise TooLarge("This is more text than the desk accepts. Send a table as a file.")
