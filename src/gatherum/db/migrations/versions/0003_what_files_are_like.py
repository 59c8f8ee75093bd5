"""What files are like: facts, and which files have been looked into."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    """Add them."""
    op.add_column(
        "file", sa.Column("processed", sa.Integer(), server_default=sa.text("0"), nullable=False)
    )
    op.create_index("ix_file_state_processed", "file", ["state", "processed", "id"])
    op.create_table(
        "facts",
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("frames", sa.Integer(), nullable=True),
        sa.Column("frame_rate", sa.Double(), nullable=True),
        sa.Column("container", sa.String(), nullable=True),
        sa.Column("video_codec", sa.String(), nullable=True),
        sa.Column("audio_codec", sa.String(), nullable=True),
        sa.Column("taken", sa.String(), nullable=True),
        sa.Column("orientation", sa.Integer(), nullable=True),
        sa.Column("camera", sa.Text(), nullable=True),
        sa.Column("trouble", sa.String(), nullable=True),
        sa.Column("tries", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.ForeignKeyConstraint(
            ["file_id"], ["file.id"], name=op.f("fk_facts_file_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("file_id", name=op.f("pk_facts")),
    )
    op.create_index(
        "ix_facts_trouble",
        "facts",
        ["file_id"],
        sqlite_where=sa.text("trouble is not null"),
        postgresql_where=sa.text("trouble is not null"),
    )
