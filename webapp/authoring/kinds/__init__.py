"""The kinds of field: each is one file of this folder, found by itself.

To add one, write a file with a subclass of `Kind`, and `templates/fields/<widget>.html` if the widget is new.
"""

import importlib
import pkgutil
from functools import cache

from webapp.authoring.kind import Kind
from webapp.authoring.spec import Spec


@cache
def all_kinds() -> tuple[type[Kind], ...]:
    """Every kind, in the order in which they are asked whether they match."""
    modules = [importlib.import_module(f"{__name__}.{entry.name}") for entry in pkgutil.iter_modules(__path__)]
    found = [
        item
        for module in modules
        for item in vars(module).values()
        if isinstance(item, type) and issubclass(item, Kind) and item.__module__ == module.__name__
    ]
    return tuple(sorted(found, key=lambda kind: (kind.priority, kind.__name__)))


def kind_for(spec: Spec) -> Kind | None:
    """The kind of a spec, or None if no kind can take its type."""
    return next((kind(spec) for kind in all_kinds() if kind.matches(spec)), None)
