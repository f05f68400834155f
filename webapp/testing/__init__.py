"""Testing jobs: `run_job` runs one on a desk of its own, with a real database and ledger, and says what came of it."""

from webapp.errors import BadInput
from webapp.testing.desk import run_job
from webapp.testing.ran import Ran, RowSaid

__all__ = ["BadInput", "Ran", "RowSaid", "run_job"]
