"""One line of JSON for each request: who did what, when, with which result. Never what was in it."""

import json
import logging
import time
from typing import Final

from fastapi import Request

from webapp.kit import now
from webapp.store.tables import User

log = logging.getLogger("batchdesk.request")

LONGEST: Final = 300
CLIENT_LEFT: Final = 499  # as nginx writes it: there was nobody to answer any more


def note(request: Request, event: str) -> None:
    """Say in the request's line what it meant for security: a sign-in, a refusal, a new token."""
    request.state.event = event


class Line:
    """The line of a request that has just begun. Times are milliseconds."""

    def __init__(self, request: Request) -> None:
        self._request = request
        self._began = time.perf_counter()
        self.status: int | None = None

    def write(self) -> None:
        """Write it, once the request has ended."""
        log.info("%s", self.text())

    def text(self) -> str:
        """The line. Every control character is escaped, so that nobody can forge another one."""
        request, state = self._request, self._request.state
        user = getattr(state, "user", None)
        facts = {
            "at": now().isoformat(timespec="milliseconds"),
            "request_id": state.request_id,
            "method": request.method[:LONGEST],
            "path": request.scope["path"][:LONGEST],
            "status": self.status or CLIENT_LEFT,
            "ms": round((time.perf_counter() - self._began) * 1000, 1),
            "user": str(user.id) if isinstance(user, User) else None,
            "source": request.client.host if request.client else None,
            "event": getattr(state, "event", None),
        }
        return json.dumps({key: value for key, value in facts.items() if value is not None})
