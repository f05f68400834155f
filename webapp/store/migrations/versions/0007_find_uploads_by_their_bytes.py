"""Find uploads by their bytes."""

from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f("ix_upload_sha256"), "upload", ["sha256"])
