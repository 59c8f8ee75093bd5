"""How old the oldest post is that a listing by date has come to: what is older is still to come."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    """Add it; of listings that have begun, nobody knows until they go on."""
    op.add_column("listing", sa.Column("bottom_at", sa.Double(), nullable=True))
