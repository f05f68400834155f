"""The description of the API in OpenAPI: what FastAPI knows of the routes, put right where it cannot know."""

import re
from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import iter_route_contexts

from webapp.resources import version

PREFIX: Final = "/api/"
METHODS: Final = frozenset({"get", "post", "put", "patch", "delete"})
REFUSAL: Final = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "request_id"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "A sentence for people."},
        "request_id": {"type": "string"},
        "problems": {
            "type": "array",
            "description": "What is wrong with which field.",
            "items": {
                "type": "object",
                "required": ["field", "message"],
                "properties": {"field": {"type": "string"}, "message": {"type": "string"}},
            },
        },
    },
}
REFUSED: Final = {
    "description": "Refused. `detail` says why, `problems` what is wrong with which field.",
    "content": {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Refusal"}}},
}
FILES: Final = {
    ".csv": "text/csv",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "": "application/octet-stream",
}
ABOUT: Final = (
    "Hand in jobs and look after them from a program. Make a token under Your account, and send it with each request: "
    "`Authorization: Bearer TOKEN`."
)


def describe(app: FastAPI) -> dict[str, Any]:
    """The description, made once for each application."""
    if not hasattr(app.state, "api_description"):
        app.state.api_description = _described(app)
    made: dict[str, Any] = app.state.api_description
    return made


def _described(app: FastAPI) -> dict[str, Any]:
    routes = [route for route in iter_route_contexts(app.routes) if (route.path or "").startswith(PREFIX)]
    made = get_openapi(title="Batchdesk", version=version(), description=ABOUT, routes=routes)
    for path, operations in made["paths"].items():
        for method, operation in operations.items():
            _put_right(path, method, operation)
    schemas = made["components"]["schemas"]
    for name in ("HTTPValidationError", "ValidationError"):
        schemas.pop(name, None)
    schemas["Refusal"] = REFUSAL
    made["components"]["securitySchemes"] = {"token": {"type": "http", "scheme": "bearer"}}
    made["security"] = [{"token": []}]
    return made


def _put_right(path: str, method: str, operation: dict[str, Any]) -> None:
    """Its name, its refusals, and the kind of file that it answers with."""
    description = operation.get("description", "")
    operation["summary"] = _first_sentence(description) or operation["summary"]
    operation["operationId"] = re.sub(r"\W+", "_", f"{method}{path.removeprefix('/api/v1')}").strip("_")
    responses = operation["responses"]
    responses.pop("422", None)
    responses["default"] = REFUSED
    for status, response in responses.items():
        if status != "default" and response.get("content") == {"application/json": {"schema": {}}}:
            kind = next(kind for ending, kind in FILES.items() if path.endswith(ending))
            response["content"] = {kind: {"schema": {"type": "string", "format": "binary"}}}


def _first_sentence(text: str) -> str:
    return re.split(r"(?<=[.:])\s", text.strip(), maxsplit=1)[0].rstrip(".:")
