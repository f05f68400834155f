"""Tell people what has happened."""

import sqlalchemy as sa
from alembic import op

from webapp.store.types import UtcDateTime

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

UNREAD = sa.text("read_at IS NULL")
OPEN = sa.text("ended_at IS NULL")


def upgrade() -> None:
    _make_inbox()
    op.create_table(
        "news_choice",
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user.id"), primary_key=True),
        sa.Column("ways", sa.JSON(), nullable=False),
        sa.Column("mail", sa.String(320), nullable=True),
        sa.Column("webhook", sa.String(2000), nullable=True),
        sa.Column("secret", sa.String(), nullable=True),
    )
    _make_delivery()
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            "CREATE TRIGGER batchdesk_tell AFTER INSERT OR DELETE OR UPDATE ON inbox "
            "FOR EACH STATEMENT EXECUTE FUNCTION batchdesk_tell()"
        )


def _make_inbox() -> None:
    op.create_table(
        "message",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("author_id", sa.Uuid(), sa.ForeignKey("user.id"), nullable=True),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("job.id"), nullable=True),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("link", sa.String(500), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
    )
    op.create_index("message_by_job", "message", ["job_id"])
    op.create_table(
        "inbox",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("message_id", sa.Uuid(), sa.ForeignKey("message.id"), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("popup", sa.Boolean(), nullable=False),
        sa.Column("read_at", UtcDateTime(), nullable=True),
        sa.UniqueConstraint("message_id", "user_id"),
    )
    op.create_index("inbox_by_user", "inbox", ["user_id", "id"])
    op.create_index("inbox_unread", "inbox", ["user_id", "id"], sqlite_where=UNREAD, postgresql_where=UNREAD)


def _make_delivery() -> None:
    op.create_table(
        "delivery",
        sa.Column("id", sa.Uuid(), primary_key=True),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("job.id"), nullable=True),
        sa.Column("channel", sa.String(40), nullable=False),
        sa.Column("address", sa.String(2000), nullable=False),
        sa.Column("event", sa.String(60), nullable=False),
        sa.Column("title", sa.String(200), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("body", sa.JSON(), nullable=False),
        sa.Column("fate", sa.String(40), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("holder", sa.Uuid(), nullable=True),
        sa.Column("said", sa.String(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
    )
    op.create_index("delivery_to_send", "delivery", ["due_at"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_index("delivery_by_user", "delivery", ["user_id", "id"])
