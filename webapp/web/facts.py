"""Facts of the request that a job and each deed is remembered with: who asked, from where, with what."""

import re
from typing import Final

from fastapi import Request

MAX_LENGTH = 500
SECRET: Final = re.compile(r"(?i)((?:^|&)[^=&]*(?:link|token|password|secret|key)[^=&]*)=[^&]*")


def request_facts(request: Request) -> dict[str, str]:
    """The facts kept in a job's history. What lets somebody in is left out of the query; all are bounded."""
    facts = {
        "method": request.method,
        "path": request.scope["path"],
        "query": SECRET.sub(r"\1=…", request.scope["query_string"].decode("latin-1")),
        "user_agent": request.headers.get("user-agent", ""),
        "client": request.client.host if request.client else "",
        "request_id": str(getattr(request.state, "request_id", "")),
    }
    return {name: value[:MAX_LENGTH] for name, value in facts.items()}
