"""How often a job was started without an orderly end: what takes its worker down is set aside."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def upgrade() -> None:
    """Add it; nothing is known of what was started before this revision."""
    op.add_column("job", sa.Column("starts", sa.Integer(), nullable=False, server_default="0"))
