"""Keep the request with each activity, when people signed in, how long jobs ran and waited; and find that soon."""

import sqlalchemy as sa
from alembic import op

from webapp.store.types import UtcDateTime

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

HAS_ENDED = sa.text("finished_at IS NOT NULL")
COLUMNS = (
    *("finished_at", "revision", "owner_id", "job_type", "state", "started_at", "ran_ms", "waited_ms"),
    *("received", "done", "rejected", "failed", "skipped", "unknown"),
)
BETWEEN = {
    "sqlite": "CAST(ROUND((julianday({}) - julianday({})) * 86400000) AS INTEGER)",
    "postgresql": "ROUND(EXTRACT(EPOCH FROM ({} - {})) * 1000)",
}


def upgrade() -> None:
    op.add_column("activity", sa.Column("request", sa.JSON(), nullable=True))
    op.add_column("activity", sa.Column("request_id", sa.String(64), nullable=True))
    op.create_index("activity_by_action", "activity", ["action", "id"])
    op.create_index("activity_by_time", "activity", ["at"])
    op.create_index("activity_by_request", "activity", ["request_id"])
    op.add_column("user", sa.Column("signed_in_at", UtcDateTime(), nullable=True))
    op.execute(
        'UPDATE "user" SET signed_in_at = (SELECT MAX(created_at) FROM session WHERE session.user_id = "user".id)'
    )
    op.add_column("job", sa.Column("ran_ms", sa.BigInteger(), nullable=True))
    op.add_column("job", sa.Column("waited_ms", sa.BigInteger(), nullable=True))
    _fill_in()
    op.create_index("job_by_end", "job", COLUMNS, sqlite_where=HAS_ENDED, postgresql_where=HAS_ENDED)


def _fill_in() -> None:
    """For jobs that have ended already. Of one that waited for a set time, the waiting is not known."""
    between = BETWEEN[op.get_bind().dialect.name]
    ran = f"SUM({between.format('attempt.finished_at', 'attempt.started_at')})"
    op.execute(
        f"UPDATE job SET ran_ms = (SELECT {ran} FROM attempt WHERE attempt.job_id = job.id) "  # noqa: S608 (our own words)
        "WHERE finished_at IS NOT NULL"
    )
    op.execute(
        f"UPDATE job SET waited_ms = {between.format('started_at', 'queued_at')} "  # noqa: S608
        "WHERE finished_at IS NOT NULL AND started_at >= queued_at AND run_at IS NULL"
    )
