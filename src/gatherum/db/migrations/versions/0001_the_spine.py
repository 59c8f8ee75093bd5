"""The tables of jobs, posts, media, files, subscriptions, budgets, logins and settings."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "budget",
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("blocked_until", sa.Double(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("probing_until", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_budget")),
    )
    op.create_table(
        "executor",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_executor")),
    )
    op.create_table(
        "file",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("mime", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("part", sa.Text(), nullable=False),
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("trash", sa.Text(), nullable=True),
        sa.Column("stored_at", sa.Double(), nullable=True),
        sa.Column("trashed_at", sa.Double(), nullable=True),
        sa.Column("checked_at", sa.Double(), nullable=True),
        sa.Column("damage", sa.String(), nullable=True),
        sa.CheckConstraint(
            "state in ('staged','stored','trashing','trashed','restoring','purging')",
            name=op.f("ck_file_state"),
        ),
        sa.CheckConstraint(
            "state not in ('trashing','trashed','restoring','purging') or trash is not null",
            name=op.f("ck_file_trash"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_file")),
        sa.UniqueConstraint("path", name=op.f("uq_file_path")),
        sa.UniqueConstraint("sha256", name=op.f("uq_file_sha256")),
        sa.UniqueConstraint("trash", name=op.f("uq_file_trash")),
    )
    op.create_index("ix_file_checked_at", "file", ["checked_at", "id"])
    op.create_index(
        "ix_file_open",
        "file",
        ["state"],
        sqlite_where=sa.text("state in ('staged','trashing','restoring','purging')"),
        postgresql_where=sa.text("state in ('staged','trashing','restoring','purging')"),
    )
    op.create_index("ix_file_state_id", "file", ["state", "id"])
    op.create_table(
        "host",
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("host", name=op.f("pk_host")),
    )
    op.create_table(
        "job",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("partition", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("dedup_key", sa.String(), nullable=True),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("run", sa.Integer(), nullable=False),
        sa.Column("held", sa.Boolean(), nullable=False),
        sa.Column("priority", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("started_at", sa.Double(), nullable=True),
        sa.Column("finished_at", sa.Double(), nullable=True),
        sa.Column("executor", sa.String(), nullable=True),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("progress", sa.JSON(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job")),
    )
    op.create_index("ix_job_created_at", "job", ["created_at", "id"])
    op.create_index(
        "ix_job_live",
        "job",
        ["id"],
        sqlite_where=sa.text("state in ('queued', 'running', 'waiting')"),
        postgresql_where=sa.text("state in ('queued', 'running', 'waiting')"),
    )
    op.create_index("ix_job_state_created_at", "job", ["state", "created_at", "id"])
    op.create_index(
        "uq_job_live_key",
        "job",
        ["dedup_key"],
        unique=True,
        sqlite_where=sa.text("state in ('queued', 'running', 'waiting')"),
        postgresql_where=sa.text("state in ('queued', 'running', 'waiting')"),
    )
    op.create_table(
        "link",
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("target_url", sa.Text(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("url", name=op.f("pk_link")),
    )
    op.create_table(
        "listing",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("provider", sa.String(), nullable=True),
        sa.Column("cursor", sa.Text(), nullable=True),
        sa.Column("listed", sa.Integer(), nullable=False),
        sa.Column("complete_at", sa.Double(), nullable=True),
        sa.Column("known_until", sa.Double(), nullable=True),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_listing")),
        sa.UniqueConstraint(
            "platform",
            "host",
            "feed",
            "key",
            "filter",
            name=op.f("uq_listing_platform_host_feed_key_filter"),
        ),
    )
    op.create_table(
        "login",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("cookies", sa.LargeBinary(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_login")),
    )
    op.create_index(op.f("ix_login_platform"), "login", ["platform"])
    op.create_table(
        "paused_lane",
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("partition", sa.String(), nullable=False),
        sa.Column("paused_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("lane", "partition", name=op.f("pk_paused_lane")),
    )
    op.create_table(
        "post",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("author", sa.Text(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("links", sa.JSON(), nullable=False),
        sa.Column("posted_at", sa.Double(), nullable=True),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("gone_since", sa.Double(), nullable=True),
        sa.Column("versions", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_post")),
        sa.UniqueConstraint(
            "platform", "host", "remote_id", name=op.f("uq_post_platform_host_remote_id")
        ),
    )
    op.create_index("ix_post_platform", "post", ["platform", "id"])
    op.create_index("ix_post_posted_at", "post", ["posted_at", "id"])
    op.create_table(
        "schedule",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("lane", sa.String(), nullable=False),
        sa.Column("partition", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("every_s", sa.Double(), nullable=True),
        sa.Column("cron", sa.String(), nullable=True),
        sa.Column("zone", sa.String(), nullable=False),
        sa.Column("jitter_s", sa.Double(), nullable=False),
        sa.Column("next_at", sa.Double(), nullable=False),
        sa.Column("enabled", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_schedule")),
    )
    op.create_index(op.f("ix_schedule_next_at"), "schedule", ["next_at"])
    op.create_table(
        "setting",
        sa.Column("section", sa.String(), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("section", name=op.f("pk_setting")),
    )
    op.create_table(
        "subscription",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("feed", sa.String(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("filter", sa.Text(), nullable=False),
        sa.Column("limit", sa.Integer(), nullable=True),
        sa.Column("options", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("synced_at", sa.Double(), nullable=True),
        sa.Column("backfill_done", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription")),
        sa.UniqueConstraint(
            "platform", "host", "feed", "key", name=op.f("uq_subscription_platform_host_feed_key")
        ),
    )
    op.create_table(
        "media",
        sa.Column("id", BIG_ID, nullable=False),
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("host", sa.String(), nullable=False),
        sa.Column("remote_id", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("transport", sa.String(), nullable=False),
        sa.Column("recipe", sa.JSON(), nullable=False),
        sa.Column("filename", sa.Text(), nullable=True),
        sa.Column("expected_size", sa.BigInteger(), nullable=True),
        sa.Column("width", sa.Integer(), nullable=True),
        sa.Column("height", sa.Integer(), nullable=True),
        sa.Column("duration", sa.Double(), nullable=True),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("not_before", sa.Double(), nullable=False),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.Double(), nullable=True),
        sa.Column("etag", sa.Text(), nullable=True),
        sa.Column("part_ok", sa.BigInteger(), nullable=False),
        sa.Column("file_id", BIG_ID, nullable=True),
        sa.Column("posted_at", sa.Double(), nullable=True),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("stored_at", sa.Double(), nullable=True),
        sa.CheckConstraint("state <> 'fetching' or owner is not null", name=op.f("ck_media_owner")),
        sa.CheckConstraint(
            "state in ('wanted','fetching','staged','stored','failed','skipped','trashed')",
            name=op.f("ck_media_state"),
        ),
        sa.CheckConstraint(
            "state not in ('staged','stored') or file_id is not null", name=op.f("ck_media_file")
        ),
        sa.ForeignKeyConstraint(["file_id"], ["file.id"], name=op.f("fk_media_file_id")),
        sa.ForeignKeyConstraint(["post_id"], ["post.id"], name=op.f("fk_media_post_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_media")),
        sa.UniqueConstraint(
            "platform", "host", "remote_id", name=op.f("uq_media_platform_host_remote_id")
        ),
    )
    op.create_index(op.f("ix_media_file_id"), "media", ["file_id"])
    op.create_index(
        "ix_media_open",
        "media",
        ["state", "not_before"],
        sqlite_where=sa.text("state in ('wanted','fetching','staged')"),
        postgresql_where=sa.text("state in ('wanted','fetching','staged')"),
    )
    op.create_index("ix_media_platform", "media", ["platform", "id"])
    op.create_index(op.f("ix_media_post_id"), "media", ["post_id"])
    op.create_index("ix_media_posted_at", "media", ["posted_at", "id"])
    op.create_index("ix_media_state_id", "media", ["state", "id"])
    op.create_index("ix_media_stored_at", "media", ["stored_at", "id"])
    op.create_table(
        "post_version",
        sa.Column("post_id", BIG_ID, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("caption", sa.Text(), nullable=False),
        sa.Column("media", sa.JSON(), nullable=False),
        sa.Column("until", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_post_version_post_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("post_id", "number", name=op.f("pk_post_version")),
    )
    op.create_table(
        "ledger",
        sa.Column("job_id", sa.String(), nullable=False),
        sa.Column("media_id", BIG_ID, nullable=False),
        sa.Column("outcome", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=True),
        sa.Column("settled_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(["media_id"], ["media.id"], name=op.f("fk_ledger_media_id")),
        sa.PrimaryKeyConstraint("job_id", "media_id", name=op.f("pk_ledger")),
    )
    op.create_index(
        "ix_ledger_job_pending",
        "ledger",
        ["job_id"],
        sqlite_where=sa.text("outcome = 'pending'"),
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_index(
        "ix_ledger_pending",
        "ledger",
        ["media_id"],
        sqlite_where=sa.text("outcome = 'pending'"),
        postgresql_where=sa.text("outcome = 'pending'"),
    )
    op.create_index("ix_ledger_settled_at", "ledger", ["job_id", "settled_at"])
