"""What browsers remember between two jobs, sealed."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add it."""
    op.create_table(
        "browser_profile",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("login", BIG_ID, nullable=True),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("saved_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["login"], ["login.id"], name=op.f("fk_browser_profile_login"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_browser_profile")),
    )
    op.create_index("ix_browser_profile_login", "browser_profile", ["login"])
