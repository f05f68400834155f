"""The description of the API as a page to read, and as the file that tools take."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse, JSONResponse, Response

from webapp.web.access import Viewer
from webapp.web.api_schema import METHODS, describe
from webapp.web.compression import compressed
from webapp.web.pages import render

router = APIRouter(prefix="/help/api")


@dataclass(frozen=True, slots=True)
class Part:
    """Something that is sent or answered: its name, its type in words, and whether it must be there."""

    name: str
    kind: str
    required: bool
    about: str


@dataclass(frozen=True, slots=True)
class Operation:
    """One request."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    parts: Sequence[Part]
    body: str
    answer: str


@router.get("", response_class=HTMLResponse)
def show(request: Request, user: Viewer) -> Response:  # noqa: ARG001 (declares who may)
    made = describe(request.app)
    operations = [
        _operation(made, path, method, each)
        for path, of_path in made["paths"].items()
        for method, each in of_path.items()
        if method in METHODS
    ]
    context = {"operations": sorted(operations, key=lambda each: (each.path, each.method)), "about": made["info"]}
    return compressed(request, render(request, "api_help.html", context))


@router.get("/openapi.json")
def download(request: Request, user: Viewer) -> Response:  # noqa: ARG001
    headers = {"Content-Disposition": 'attachment; filename="batchdesk-openapi.json"'}
    return JSONResponse(describe(request.app), headers=headers)


def _operation(made: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]) -> Operation:
    parts = [
        Part(each["name"], _kind(each["schema"]), each.get("required", False), each["in"])
        for each in told.get("parameters", ())
    ]
    content = told.get("requestBody", {}).get("content", {})
    for body in content.values():
        schema = _resolved(made, body["schema"])
        needed = schema.get("required", ())
        parts += [
            Part(name, _kind(each), name in needed, "body") for name, each in schema.get("properties", {}).items()
        ]
    status, answer = next((status, each) for status, each in told["responses"].items() if status != "default")
    kinds = " or ".join(answer.get("content", {})) or "nothing"
    return Operation(
        id=told["operationId"],
        method=method.upper(),
        path=path,
        summary=told["summary"],
        about=told.get("description", ""),
        parts=parts,
        body=" or ".join(content),
        answer=f"{status}: {kinds}",
    )


def _resolved(made: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The schema itself where only its name stands, or one of two of which the other is null."""
    for each in schema.get("anyOf", ()):
        if each.get("type") != "null":
            return _resolved(made, each)
    if "$ref" in schema:
        found: Mapping[str, Any] = made["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
        return found
    return schema


def _kind(schema: Mapping[str, Any]) -> str:
    """What a value is, in a few words."""
    if "anyOf" in schema:
        return " or ".join(dict.fromkeys(_kind(each) for each in schema["anyOf"]))
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return ", ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")
