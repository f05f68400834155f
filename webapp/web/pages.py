"""Templates into pages. Everything is escaped, and a name that is missing is an error, not a blank."""

from collections.abc import Mapping
from functools import cache

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2_fragments import render_block

from webapp.resources import static_digest, templates_folder, version
from webapp.web.format import FILTERS


@cache
def environment() -> Environment:
    """The templates, with the filters of `webapp.web.format`."""
    made = Environment(
        loader=FileSystemLoader(templates_folder()),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters.update(FILTERS)
    made.globals.update(version=version(), assets=static_digest())
    return made


def render(
    request: Request,
    template: str,
    context: Mapping[str, object] | None = None,
    *,
    status: int = 200,
    block: str | None = None,
) -> HTMLResponse:
    """A page, or the one `block` of it that is asked for.

    Templates see `context` and: `request`, `user` (None if nobody is signed in), `version`, and `assets`, which
    changes when a static file does.
    """
    return HTMLResponse(render_text(request, template, context, block=block), status)


def render_text(
    request: Request, template: str, context: Mapping[str, object] | None = None, *, block: str | None = None
) -> str:
    """The text that `render` would send: for what goes out otherwise, as a stream does."""
    values = {"request": request, "user": getattr(request.state, "user", None), **(context or {})}
    if block is None:
        return environment().get_template(template).render(values)
    return render_block(environment(), template, block, values)
