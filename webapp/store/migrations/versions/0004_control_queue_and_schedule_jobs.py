"""Control, queue and schedule jobs."""

import sqlalchemy as sa
from alembic import op

from webapp.store.types import UtcDateTime

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

AGAIN = sa.text("again")

WATCHED = {
    "job": "INSERT OR DELETE OR UPDATE OF revision, state",  # a lease that is renewed is no news
    "schedule": "INSERT OR DELETE OR UPDATE",
    "activity": "INSERT",
    "halt": "INSERT OR DELETE OR UPDATE",
}
"""What people watch on live pages, and which changes of it they should see. See `store.changes`."""


def upgrade() -> None:
    _make_schedule()
    _make_activity()
    op.create_table(
        "halt",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("since", UtcDateTime(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
    )
    _widen_job()
    with op.batch_alter_table("ledger") as batch_op:
        batch_op.add_column(sa.Column("again", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column("tries", sa.Integer(), nullable=False, server_default="1"))
    op.create_index(
        "ledger_to_try_again", "ledger", ["job_id", "first_row"], sqlite_where=AGAIN, postgresql_where=AGAIN
    )
    with op.batch_alter_table("worker") as batch_op:
        batch_op.add_column(sa.Column("name", sa.String(200), nullable=False, server_default=""))
    if op.get_bind().dialect.name == "postgresql":
        _tell_of_changes()


def _tell_of_changes() -> None:
    """By triggers, so that no code can forget it."""
    op.execute(
        "CREATE FUNCTION batchdesk_tell() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN PERFORM pg_notify('batchdesk_changed', ''); RETURN NULL; END $$"
    )
    for table, when in WATCHED.items():
        op.execute(
            f"CREATE TRIGGER batchdesk_tell AFTER {when} ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION batchdesk_tell()"
        )


def _make_schedule() -> None:
    op.create_table(
        "schedule",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("owner_id", sa.Uuid(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("job_type", sa.String(), nullable=False),
        sa.Column("params", sa.JSON(), nullable=False),
        sa.Column("secrets", sa.String(), nullable=True),
        sa.Column("upload_id", sa.Uuid(), sa.ForeignKey("upload.id"), nullable=True),
        sa.Column("choices", sa.JSON(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("cron", sa.String(200), nullable=True),
        sa.Column("zone", sa.String(100), nullable=False),
        sa.Column("missed", sa.String(40), nullable=False),
        sa.Column("paused", sa.Boolean(), nullable=False),
        sa.Column("next_at", UtcDateTime(), nullable=True),
        sa.Column("last_at", UtcDateTime(), nullable=True),
        sa.Column("problem", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("schedule_by_next", "schedule", ["next_at"])
    op.create_index("schedule_by_owner", "schedule", ["owner_id", "id"])


def _make_activity() -> None:
    op.create_table(
        "activity",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), primary_key=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user.id"), nullable=True),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("job.id"), nullable=True),
        sa.Column("action", sa.String(60), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
    )
    op.create_index("activity_by_job", "activity", ["job_id", "id"])
    op.create_index("activity_by_user", "activity", ["user_id", "id"])


def _widen_job() -> None:
    """By single statements: a table that others refer to must not be made anew under them."""
    for column in (
        sa.Column("queue", sa.String(63), nullable=False, server_default="default"),
        sa.Column("only_one", sa.String(200), nullable=True),
        sa.Column("run_at", UtcDateTime(), nullable=True),
        sa.Column("fire_time", UtcDateTime(), nullable=True),
        sa.Column("pause_after", sa.BigInteger(), nullable=True),
        sa.Column("asked_at", UtcDateTime(), nullable=True),
        sa.Column("forced", sa.Boolean(), nullable=False, server_default=sa.false()),
        sa.Column("sending", sa.JSON(), nullable=True),
        sa.Column("retries", sa.Integer(), nullable=False, server_default="0"),
    ):
        op.add_column("job", column)
    uuid = sa.Uuid().compile(op.get_bind().dialect)
    for name, target in (("schedule_id", "schedule"), ("again_of", "job")):  # Alembic adds no reference on SQLite
        op.execute(f"ALTER TABLE job ADD COLUMN {name} {uuid} REFERENCES {target} (id)")
    op.create_index("job_by_fire", "job", ["schedule_id", "fire_time"], unique=True)
    to_claim = ["state", "run_at", "priority", "queued_at", "owner_id", "queue", "only_one", "id"]
    op.create_index("job_to_claim", "job", to_claim)
