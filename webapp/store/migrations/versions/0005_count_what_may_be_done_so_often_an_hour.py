"""Count what may be done so often an hour."""

import sqlalchemy as sa
from alembic import op

from webapp.store.types import UtcDateTime

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "allowance",
        sa.Column("name", sa.String(63), primary_key=True),
        sa.Column("hour", UtcDateTime(), primary_key=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
    )
