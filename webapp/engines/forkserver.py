"""Imported once, by the process that children are forked from: everything a child needs, so that it starts at once."""

import signal
import warnings

from sqlalchemy.orm import configure_mappers

from webapp.authoring import load_registry
from webapp.engines import child, guardian

guardian.die_with_parent()
guardian.adopt_orphans()
# it buries what it has adopted, and would say so of each
warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a stop that reaches every process of the desk is the desk's to handle
load_registry()
configure_mappers()
__all__ = ["child"]
