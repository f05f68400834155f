"""Imported once, by the process that children are forked from: everything a child needs, so that it starts at once."""

from webapp.authoring import load_registry
from webapp.engines import child

child.die_with_parent()
load_registry()
