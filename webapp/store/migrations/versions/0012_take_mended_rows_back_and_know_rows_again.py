"""Take mended rows back, and know rows again that a job has done."""

import sqlalchemy as sa
from alembic import op

from webapp.store.types import UtcDateTime

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "mending",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("job_id", sa.Uuid(), sa.ForeignKey("job.id"), nullable=False),
        sa.Column("upload_id", sa.Uuid(), sa.ForeignKey("upload.id"), nullable=False),
        sa.Column("user_id", sa.Uuid(), sa.ForeignKey("user.id"), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("reading", sa.JSON(), nullable=False),
        sa.Column("rows", sa.BigInteger(), nullable=False),
        sa.Column("left", sa.BigInteger(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("job_id", "sha256"),
    )
    op.create_index("ix_mending_upload_id", "mending", ["upload_id"])
    outcome = sa.Enum("done", "rejected", "failed", "skipped", "unknown", name="outcome", native_enum=False, length=40)
    op.create_table(
        "mended_row",
        sa.Column("mending_id", sa.Uuid(), sa.ForeignKey("mending.id"), primary_key=True),
        sa.Column("row", sa.BigInteger(), primary_key=True, autoincrement=False),
        sa.Column("line", sa.BigInteger(), nullable=False),
        sa.Column("offset", sa.BigInteger(), nullable=False),
        sa.Column("length", sa.BigInteger(), nullable=False),
        sa.Column("outcome", outcome, nullable=False),
        sa.Column("column", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
    )
    op.create_table(
        "known_row",
        sa.Column("fingerprint", sa.LargeBinary(), primary_key=True),
        sa.Column("job", sa.Integer(), sa.ForeignKey("job.number"), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sqlite_with_rowid=False,
    )
    op.add_column("job", sa.Column("redo", sa.Boolean(), nullable=False, server_default=sa.false()))
