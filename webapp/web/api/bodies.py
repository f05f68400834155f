"""Bodies that a route reads itself, piece by piece or as they come, for the description of the API."""

from collections.abc import Mapping
from typing import Any, Final

TEXT: Final = {"type": "string"}
FILE: Final = {"type": "string", "format": "binary"}
JSON_TEXT: Final = {"type": "string", "contentMediaType": "application/json"}
MOMENT: Final = {"type": "string", "format": "date-time"}
NUMBER: Final = {"type": "integer"}


def multipart(required: tuple[str, ...], **fields: Mapping[str, Any]) -> dict[str, Any]:
    """A form with files."""
    return _body("multipart/form-data", required, fields)


def json_object(**fields: Mapping[str, Any]) -> dict[str, Any]:
    """An object of JSON, of which everything may be left out."""
    return _body("application/json", (), fields)


def _body(media_type: str, required: tuple[str, ...], fields: Mapping[str, Any]) -> dict[str, Any]:
    schema: dict[str, Any] = {"type": "object", "properties": dict(fields), "additionalProperties": False}
    if required:
        schema["required"] = list(required)
    return {"requestBody": {"required": True, "content": {media_type: {"schema": schema}}}}


JOB: Final = multipart(
    ("job_type",),
    job_type=TEXT,
    params=JSON_TEXT,
    choices=JSON_TEXT,
    file=FILE,
    result=TEXT,
    run_at=MOMENT,
    priority=NUMBER,
    first_rows=NUMBER,
    confirm_rows=NUMBER,
    redo={"type": "boolean"},
)
JOB["requestBody"]["content"]["multipart/form-data"]["schema"]["patternProperties"] = {r"^params\.": FILE}
MENDED: Final = multipart(("file",), file=FILE)
SCHEDULE: Final = multipart(
    ("name", "job_type"),
    name=TEXT,
    job_type=TEXT,
    params=JSON_TEXT,
    choices=JSON_TEXT,
    file=FILE,
    job=TEXT,
    cron=TEXT,
    at=MOMENT,
    zone=TEXT,
    missed=TEXT,
    priority=NUMBER,
)
SCHEDULE_CHANGE: Final = json_object(
    name=TEXT,
    cron=TEXT,
    at=MOMENT,
    zone=TEXT,
    missed={"type": "string", "enum": ["run_once", "skip"]},
    priority=NUMBER,
    params={"type": "object"},
    job={"type": "string", "format": "uuid"},
)
