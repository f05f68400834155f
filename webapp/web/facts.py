"""Facts of the request that a job is remembered with: who asked, from where, with what."""

from fastapi import Request

MAX_LENGTH = 500


def request_facts(request: Request) -> dict[str, str]:
    """The facts kept in a job's history. The query is left out of nothing, but bounded like all."""
    facts = {
        "path": request.url.path,
        "query": request.url.query,
        "user_agent": request.headers.get("user-agent", ""),
        "client": request.client.host if request.client else "",
        "request_id": str(getattr(request.state, "request_id", "")),
    }
    return {name: value[:MAX_LENGTH] for name, value in facts.items()}
