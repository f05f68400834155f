"""Templates into pages. Everything is escaped, and a name that is missing is an error, not a blank."""

from collections.abc import Mapping
from functools import cache

from fastapi import Request
from fastapi.responses import HTMLResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from webapp.resources import static_digest, templates_folder, version
from webapp.web.badge_view import badge_on
from webapp.web.banners import banners
from webapp.web.format import FILTERS
from webapp.web.navigation import is_here, navigation


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
    made.globals.update(
        version=version(),
        assets=static_digest(),
        badge_on=badge_on,
        banners=banners,
        navigation=navigation,
        is_here=is_here,
    )
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

    Raises:
        KeyError: the template has no such block.
    """
    return HTMLResponse(render_text(request, template, context, block=block), status)


def render_text(
    request: Request, template: str, context: Mapping[str, object] | None = None, *, block: str | None = None
) -> str:
    """The text that `render` would send: for what goes out otherwise, as a stream does."""
    values = {"request": request, "user": getattr(request.state, "user", None), **(context or {})}
    made = environment().get_template(template)
    return made.render(values) if block is None else _render_block(made, block, values)


def _render_block(template: Template, block: str, values: Mapping[str, object]) -> str:
    context = template.new_context(dict(values))
    next(template.root_render_func(context), None)  # up to the first text: the block sees its page's imports
    return "".join(template.blocks[block](context))
