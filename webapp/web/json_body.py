"""A request's JSON, bounded like a form."""

import json
from typing import Any

from fastapi import HTTPException, Request, status

from webapp.errors import DeskError
from webapp.web.body import require_plain, whole_body
from webapp.web.parts import ALL_FIELDS

TOO_LONG = "This is more text than the desk accepts. Send a table as a file."


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
    body = await whole_body(request, ALL_FIELDS, TOO_LONG)
    try:
        values = json.loads(body)
    except (ValueError, RecursionError):
        raise DeskError("This is not JSON.") from None
    if not isinstance(values, dict):
        raise DeskError("This is not a JSON object: send names with values.")
    return values
