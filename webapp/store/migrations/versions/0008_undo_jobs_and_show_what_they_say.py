"""Undo jobs by jobs, and keep the small table that a job's page shows."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    uuid = sa.Uuid().compile(op.get_bind().dialect)
    op.execute(f"ALTER TABLE job ADD COLUMN undo_of {uuid} REFERENCES job (id)")
    op.add_column("job", sa.Column("shown", sa.JSON(), nullable=True))
    op.create_index("job_by_undone", "job", ["undo_of"], unique=True)
