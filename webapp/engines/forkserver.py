"""Imported once, by the process that children are forked from: everything a child needs, so that it starts at once."""

import signal

from webapp.authoring import load_registry
from webapp.engines import child

child.die_with_parent()
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a stop that reaches every process of the desk is the desk's to handle
load_registry()
