"""How logins stand: whose turn it is, what they have asked today, and why one is parked."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Add them."""
    op.create_table(
        "login_standing",
        sa.Column("login_id", BIG_ID, autoincrement=False, nullable=False),
        sa.Column("holder", sa.String(), nullable=False),
        sa.Column("held_until", sa.Double(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("parked_at", sa.Double(), nullable=True),
        sa.Column("parked_until", sa.Double(), nullable=True),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("refused", sa.Text(), nullable=False),
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("spent", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["login_id"],
            ["login.id"],
            name="fk_login_standing_login_id",
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("login_id", name="pk_login_standing"),
    )
    op.add_column(
        "login", sa.Column("user_agent", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column(
        "login", sa.Column("signed_in_as", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
