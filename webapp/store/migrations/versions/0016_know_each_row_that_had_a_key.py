"""Know every row that had a key, not the last one only, and find a job's rows among them."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.rename_table("known_row", "known_row_before")
    op.create_table(
        "known_row",
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("job", sa.Integer(), sa.ForeignKey("job.number"), nullable=False),
        sa.Column("row", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("fingerprint", "job", "row", name="known_row_key"),
        sqlite_with_rowid=False,
    )
    op.execute('INSERT INTO known_row (fingerprint, job, "row") SELECT fingerprint, job, "row" FROM known_row_before')
    op.drop_table("known_row_before")
    op.create_index("known_row_by_job", "known_row", ["job", "row"])
