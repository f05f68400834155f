"""Imported once, by the process that children are forked from: everything a child needs, so that it starts at once."""

import gc
import signal
import warnings

import pysqlite3
from sqlalchemy import create_engine
from sqlalchemy.orm import configure_mappers
from sqlmodel import Session, SQLModel

from webapp.authoring import load_registry
from webapp.engines import child, guardian


def rehearse() -> None:
    """Read from tables in memory, so that SQLAlchemy gets to know them once: of 70 ms each child keeps 6."""
    engine = create_engine("sqlite://", module=pysqlite3)
    SQLModel.metadata.create_all(engine)
    with Session(engine) as session:
        child.read_tables(session)
    engine.dispose()  # no connection crosses a fork


guardian.die_with_parent()
guardian.adopt_orphans()
# it buries what it has adopted, and would say so of each
warnings.filterwarnings("ignore", "forkserver: waitpid returned unexpected pid")
signal.signal(signal.SIGTERM, signal.SIG_IGN)  # a stop that reaches every process of the desk is the desk's to handle
load_registry()
configure_mappers()
rehearse()
gc.freeze()  # no child looks through all this again, or copies its pages: https://docs.python.org/3/library/gc.html#gc.freeze
__all__ = ["child"]
