"""Previews made beforehand, counted by themselves: whoever turns them on later gets them, too."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add them."""
    op.add_column(
        "file", sa.Column("previewed", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index(
        "ix_file_previewed",
        "file",
        ["state", "previewed", "id"],
        sqlite_where=sa.text("kind = 'video'"),
        postgresql_where=sa.text("kind = 'video'"),
    )
