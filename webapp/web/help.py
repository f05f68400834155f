"""How the desk works, for somebody who has just sat down at it."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse

from webapp.web.access import Anyone
from webapp.web.pages import render

router = APIRouter()


@router.get("/help", response_class=HTMLResponse)
def show(request: Request, user: Anyone) -> HTMLResponse:  # noqa: ARG001 (declares who may)
    return render(request, "help.html")
