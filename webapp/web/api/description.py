"""What there is for programs, in OpenAPI."""

from typing import Any

from fastapi import APIRouter, Request

from webapp.web.access import ApiViewer
from webapp.web.api_schema import describe

router = APIRouter(prefix="/api/v1")


@router.get("/openapi.json")
def show(request: Request, user: ApiViewer) -> dict[str, Any]:  # noqa: ARG001 (declares who may)
    """This description, for tools that read OpenAPI."""
    return describe(request.app)
