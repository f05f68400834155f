"""What an administrator looks at: how many may sign in, which jobs there are, and whether the workers are alive."""

from fastapi import APIRouter, Request
from fastapi.responses import HTMLResponse
from sqlmodel import col, func, select

from webapp.jobs.workers import alive
from webapp.store.tables import Role, User
from webapp.web.access import Admin
from webapp.web.desk import DeskDep
from webapp.web.navigation import Place
from webapp.web.pages import render

router = APIRouter()

PLACE = Place("Admin", "/admin", 90, least=Role.admin, folded=True)


@router.get("/admin", response_class=HTMLResponse)
def show(request: Request, desk: DeskDep, user: Admin) -> HTMLResponse:  # noqa: ARG001 (declares who may)
    with desk.database.read() as session:
        users = session.exec(select(func.count()).select_from(User).where(col(User.active))).one()
    context = {
        "users": users,
        "job_types": desk.registry.values(),
        "broken": desk.registry.broken,
        "workers": alive(desk.database),
        "health": desk.engine.health(),
        "free": desk.files.free(),
        "reserve": desk.settings.disk_reserve,
        "watchers": desk.hub.watchers,
    }
    return render(request, "admin.html", context)
