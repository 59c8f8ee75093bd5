"""What needs nobody any longer: failures that are settled; and damaged files are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def upgrade() -> None:
    """Add it; what failed before this revision is left in peace."""
    op.add_column("job", sa.Column("dismissed_at", sa.Double(), nullable=True))
    op.execute("update job set dismissed_at = finished_at where state = 'failed'")
    unsettled = sa.text("state = 'failed' and dismissed_at is null")
    op.create_index(
        "ix_job_unsettled",
        "job",
        ["dedup_key"],
        sqlite_where=unsettled,
        postgresql_where=unsettled,
    )
    damaged = sa.text("damage is not null")
    op.create_index(
        "ix_file_damaged", "file", ["id"], sqlite_where=damaged, postgresql_where=damaged
    )
