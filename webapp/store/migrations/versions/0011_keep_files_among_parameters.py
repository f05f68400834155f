"""Keep uploads that are among the parameters of a job or a schedule."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("upload", sa.Column("in_params", sa.Boolean(), nullable=False, server_default=sa.false()))
