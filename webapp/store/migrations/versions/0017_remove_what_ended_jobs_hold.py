"""Let what ended jobs hold be removed, and jobs be kept for ever."""

import sqlalchemy as sa
from alembic import op

from webapp.store.types import UtcDateTime

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("job", sa.Column("keep", sa.Boolean(), nullable=False, server_default=sa.false()))
    op.add_column("job", sa.Column("removal", sa.String(), nullable=True))
    op.add_column("job", sa.Column("removed_at", UtcDateTime(), nullable=True))
