"""How new the newest post was when a target was first listed: what is older was listed from there on."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    """Add it; of listings that began before nobody knows."""
    op.add_column("listing", sa.Column("top_at", sa.Double(), nullable=True))
