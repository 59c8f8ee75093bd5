"""The tables of accounts, decisions, events, tags and searches; what the gallery shows of a media."""

import sqlalchemy as sa
from alembic import op

from gatherum.db.migrations.triggers import postgresql_triggers, sqlite_triggers

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG_ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
PLAIN = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
STORED = "state = 'stored'"
TILE = [
    *("shown_at", "id", "kind", "width", "height", "duration"),
    *("favourite", "post_id", "file_id", "size", "platform"),
]
INDEXES: tuple[tuple[str, str, list[str], str], ...] = (
    ("post", "ix_post_gone", ["id"], "gone_since is not null"),
    ("post", "ix_post_edited", ["id"], "versions > 1"),
    ("media", "ix_media_state_shown_at", ["state", "shown_at", "id"], ""),
    ("media", "ix_media_gallery", TILE, STORED),
    ("media", "ix_media_platform_shown_at", ["platform", "shown_at", "id"], STORED),
    ("media", "ix_media_author_shown_at", ["author_key", "shown_at", "id"], STORED),
    ("media", "ix_media_kind_shown_at", ["kind", "shown_at", "id"], STORED),
    ("media", "ix_media_mime_shown_at", ["mime", "shown_at", "id"], STORED),
    ("media", "ix_media_size", ["size", "id"], STORED),
    ("media", "ix_media_stored_at", ["stored_at", "id"], STORED),
    ("media", "ix_media_favourite", ["shown_at", "id"], f"favourite and {STORED}"),
    ("ledger", "ix_ledger_outcome", ["settled_at", "outcome", "reason"], "outcome <> 'pending'"),
    ("job", "ix_job_state_finished_at", ["state", "finished_at"], ""),
)
DROPPED = (
    ("post", "ix_post_posted_at"),
    ("media", "ix_media_stored_at"),
    ("media", "ix_media_posted_at"),
    ("media", "ix_media_platform"),
    ("media", "ix_media_state_id"),
)
TEXT_SQLITE = (
    "create virtual table media_text using fts5(caption, author, tags, filename, description,"
    " content='', contentless_delete=1, tokenize='unicode61 remove_diacritics 2')"
)
# The number of a row is the second at which its media stands in the gallery, and the media's number
# behind it: so the index itself gives what it finds from the newest to the oldest, however much it is.
TEXT_KEY = "(cast(max(-8589934592, min(8589934591, floor({row}.shown_at))) as integer) * 536870912 + {row}.id)"
TEXT_TRIGGERS = (
    (
        "create trigger media_text_moves after update of shown_at on media"
        f" when {TEXT_KEY.format(row='new')} <> {TEXT_KEY.format(row='old')}"
        f" begin delete from media_text where rowid = {TEXT_KEY.format(row='old')}; end"
    ),
    (
        "create trigger media_text_leaves after delete on media"
        f" begin delete from media_text where rowid = {TEXT_KEY.format(row='old')}; end"
    ),
)
# There are no tags and descriptions yet.
FILL_SQLITE = (
    "insert into media_text (rowid, caption, author, filename)"
    f" select {TEXT_KEY.format(row='media')}, post.caption, post.author, media.filename"
    " from media join post on post.id = media.post_id"
)
# Words without accents and punctuation, so that both engines part a text at the same places. What
# is left of a letter's accent after NFKD are the marks from U+0300 on.
WORDS = (
    "create function search_words(said text) returns text language sql immutable parallel safe"
    r" return regexp_replace(lower(regexp_replace(normalize(left(said, 200000), NFKD),"
    r" '[\u0300-\u036f]+', '', 'g')),"
    r" '[\u0001-\u002f\u003a-\u0040\u005b-\u0060\u007b-\u00bf\u2000-\u206f\u3000-\u303f]+', ' ', 'g')"
)
QUERY = (
    "create function search_query(said text, begins boolean) returns tsquery"
    " language sql immutable parallel safe"
    " return case when begins and numnode(phraseto_tsquery('simple', search_words(said))) > 0"
    " then (phraseto_tsquery('simple', search_words(said))::text || ':*')::tsquery"
    " else phraseto_tsquery('simple', search_words(said)) end"
)
TEXT_POSTGRESQL = (
    WORDS,
    QUERY,
    (
        "create table media_text (media_id bigint primary key references media (id) on delete cascade,"
        " words tsvector not null)"
    ),
    "create index ix_media_text_words on media_text using gin (words)",
)
FILL_POSTGRESQL = (
    "insert into media_text (media_id, words) select media.id, to_tsvector('simple',"
    " search_words(concat_ws(' ', post.caption, post.author, media.filename)))"
    " from media join post on post.id = media.post_id"
)


def upgrade() -> None:
    """Make the tables."""
    if op.get_bind().dialect.name == "sqlite":
        # What a removed subscription has brought names its number, which must never come again.
        numbered = {"sqlite_autoincrement": True}
        with op.batch_alter_table("subscription", recreate="always", table_kwargs=numbered):
            pass
    op.create_table(
        "account",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column("disabled", sa.Boolean(), nullable=False),
        sa.Column("handle", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("signed_in_at", sa.Double(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("role in ('admin','editor','viewer')", name=op.f("ck_account_role")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("handle", name=op.f("uq_account_handle")),
        sa.UniqueConstraint("name_key", name=op.f("uq_account_name_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "alarm",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("since", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_alarm")),
    )
    op.create_table(
        "audit",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("event", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("session", sa.String(), nullable=False),
        sa.Column("detail", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_index("ix_audit_account", "audit", ["account_id", "id"], unique=False)
    op.create_index(op.f("ix_audit_at"), "audit", ["at"], unique=False)
    op.create_table(
        "cache",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.JSON(), nullable=False),
        sa.Column("made_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_cache")),
    )
    op.create_index(op.f("ix_cache_expires_at"), "cache", ["expires_at"], unique=False)
    op.create_table(
        "day_bucket",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("width", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_day_bucket")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("action", sa.JSON(), nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.Column("same", sa.Integer(), nullable=False),
        sa.Column("left", sa.Integer(), nullable=False),
        sa.Column("job_id", sa.String(), nullable=True),
        sa.Column("undo_of", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("undone_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_account", "decision", ["account_id", "id"], unique=False)
    op.create_table(
        "event",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("xid", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("ref", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
    )
    op.create_index("ix_event_at", "event", ["at"], unique=False)
    op.create_index("ix_event_xid_id", "event", ["xid", "id"], unique=False)
    op.create_table(
        "handshake",
        sa.Column("state_hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("browser_hash", sa.String(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("state_hash", name=op.f("pk_handshake")),
    )
    op.create_index(op.f("ix_handshake_expires_at"), "handshake", ["expires_at"], unique=False)
    op.create_table(
        "media_count",
        sa.Column("platform", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("platform", "kind", "state", name=op.f("pk_media_count")),
    )
    op.create_table(
        "tag",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", PLAIN, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tag")),
        sa.UniqueConstraint("name_key", name=op.f("uq_tag_name_key")),
    )
    op.create_table(
        "throttle",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("first_at", sa.Double(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_throttle")),
    )
    op.create_index(op.f("ix_throttle_first_at"), "throttle", ["first_at"], unique=False)
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("scopes", sa.JSON(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=True),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_api_key_account_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_index(op.f("ix_api_key_account_id"), "api_key", ["account_id"], unique=False)
    op.create_table(
        "decision_item",
        sa.Column(
            "decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("subject", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("before", sa.JSON(), nullable=False),
        sa.Column("after", sa.JSON(), nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"],
            ["decision.id"],
            name=op.f("fk_decision_item_decision_id"),
            ondelete="cascade",
        ),
        sa.CheckConstraint(
            "state in ('waiting','done','same','left')", name=op.f("ck_decision_item_state")
        ),
        sa.PrimaryKeyConstraint("decision_id", "subject", name=op.f("pk_decision_item")),
    )
    op.create_index(
        "ix_decision_item_subject", "decision_item", ["subject", "decision_id"], unique=False
    )
    op.create_index(
        "ix_decision_item_waiting",
        "decision_item",
        ["decision_id", "subject"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_table(
        "duo",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("username", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_duo_account_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_duo")),
    )
    op.create_table(
        "hook",
        sa.Column(
            "subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("called_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_hook_subscription_id"),
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("subscription_id", name=op.f("pk_hook")),
    )
    op.create_table(
        "hook_delivery",
        sa.Column(
            "subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscription.id"],
            name=op.f("fk_hook_delivery_subscription_id"),
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "delivery", name=op.f("pk_hook_delivery")),
    )
    op.create_index(op.f("ix_hook_delivery_at"), "hook_delivery", ["at"], unique=False)
    op.create_table(
        "identity",
        sa.Column("issuer", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_identity_account_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("issuer", "subject", name=op.f("pk_identity")),
    )
    op.create_index(op.f("ix_identity_account_id"), "identity", ["account_id"], unique=False)
    op.create_table(
        "invitation",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("role", sa.String(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("expires_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_invitation_account_id"),
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_invitation")),
    )
    op.create_table(
        "passkey",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("public_key", sa.LargeBinary(), nullable=False),
        sa.Column(
            "sign_count", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("used_at", sa.Double(), nullable=True),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_passkey_account_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_passkey")),
    )
    op.create_index(op.f("ix_passkey_account_id"), "passkey", ["account_id"], unique=False)
    op.create_table(
        "recovery_code",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_recovery_code_account_id"),
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_recovery_code")),
    )
    op.create_index(
        op.f("ix_recovery_code_account_id"), "recovery_code", ["account_id"], unique=False
    )
    op.create_table(
        "saved_search",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"],
            ["account.id"],
            name=op.f("fk_saved_search_account_id"),
            ondelete="cascade",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index(
        op.f("ix_saved_search_account_id"), "saved_search", ["account_id"], unique=False
    )
    op.create_table(
        "session",
        sa.Column("hash", sa.String(), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("methods", sa.String(), nullable=False),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.Column("seen_at", sa.Double(), nullable=False),
        sa.Column("sudo_until", sa.Double(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("agent", sa.Text(), nullable=False),
        sa.CheckConstraint("state in ('pending','full')", name=op.f("ck_session_state")),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_session_account_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("hash", name=op.f("pk_session")),
        sa.UniqueConstraint("id", name=op.f("uq_session_id")),
    )
    op.create_index(op.f("ix_session_account_id"), "session", ["account_id"], unique=False)
    op.create_table(
        "source",
        sa.Column(
            "subscription_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("post_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["post_id"], ["post.id"], name=op.f("fk_source_post_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("subscription_id", "post_id", name=op.f("pk_source")),
    )
    op.create_index(op.f("ix_source_post_id"), "source", ["post_id"], unique=False)
    op.create_table(
        "totp",
        sa.Column(
            "account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("secret", sa.LargeBinary(), nullable=False),
        sa.Column("confirmed", sa.Boolean(), nullable=False),
        sa.Column(
            "last_step", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False
        ),
        sa.Column("created_at", sa.Double(), nullable=False),
        sa.ForeignKeyConstraint(
            ["account_id"], ["account.id"], name=op.f("fk_totp_account_id"), ondelete="cascade"
        ),
        sa.PrimaryKeyConstraint("account_id", name=op.f("pk_totp")),
    )
    op.create_table(
        "media_tag",
        sa.Column("media_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("tag_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(
            ["media_id"], ["media.id"], name=op.f("fk_media_tag_media_id"), ondelete="cascade"
        ),
        sa.ForeignKeyConstraint(["tag_id"], ["tag.id"], name=op.f("fk_media_tag_tag_id")),
        sa.PrimaryKeyConstraint("media_id", "tag_id", name=op.f("pk_media_tag")),
    )
    op.create_index(op.f("ix_media_tag_tag_id"), "media_tag", ["tag_id"], unique=False)
    op.add_column("file", sa.Column("thumbhash", sa.LargeBinary(), nullable=True))
    op.add_column(
        "media", sa.Column("author_key", sa.Text(), server_default=sa.text("''"), nullable=False)
    )
    op.add_column("media", sa.Column("mime", PLAIN, nullable=True))
    op.add_column("media", sa.Column("size", sa.BigInteger(), nullable=True))
    op.add_column("media", sa.Column("edited_date", sa.Double(), nullable=True))
    op.add_column("media", sa.Column("description", sa.Text(), nullable=True))
    op.add_column(
        "media", sa.Column("favourite", sa.Boolean(), server_default=sa.false(), nullable=False)
    )
    op.add_column(
        "media", sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False)
    )
    op.add_column(
        "media", sa.Column("shown_at", sa.Double(), server_default=sa.text("0"), nullable=False)
    )
    op.add_column("media", sa.Column("trashed_at", sa.Double(), nullable=True))
    op.create_index(
        "ix_media_trashed_at",
        "media",
        ["trashed_at", "id"],
        unique=False,
        sqlite_where=sa.text("state = 'trashed'"),
        postgresql_where=sa.text("state = 'trashed'"),
    )
    for table, dropped in DROPPED:
        op.drop_index(dropped, table_name=table)
    for table, name, columns, which in INDEXES:
        where = sa.text(which) if which else None
        op.create_index(name, table, columns, sqlite_where=where, postgresql_where=where)
    op.add_column(
        "subscription",
        sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False),
    )
    op.add_column("subscription", sa.Column("checked_at", sa.Double(), nullable=True))
    op.add_column("subscription", sa.Column("reason", sa.String(), nullable=True))
    op.add_column("subscription", sa.Column("detail", sa.Text(), nullable=True))
    # ### end Alembic commands ###
    op.create_table(
        "stored_day",
        sa.Column("day", sa.Integer(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_stored_day")),
    )
    op.create_table(
        "reason_count",
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_reason_count")),
    )
    op.create_index(
        "ix_file_damage",
        "file",
        ["damage"],
        sqlite_where=sa.text("damage is not null"),
        postgresql_where=sa.text("damage is not null"),
    )
    op.execute(
        "update media set shown_at = floor(coalesce(posted_at, created_at)),"
        " size = (select file.size from file where file.id = media.file_id),"
        " mime = (select file.mime from file where file.id = media.file_id),"
        " trashed_at = case when state = 'trashed' then coalesce("
        "(select file.trashed_at from file where file.id = media.file_id), stored_at, created_at) end"
    )
    op.execute(
        "insert into day_bucket (day, count, width)"
        " select cast(floor(shown_at / 86400.0) as integer), count(*),"
        " sum(coalesce(1.0 * width / nullif(height, 0), 1.0))"
        " from media where state = 'stored' group by 1"
    )
    op.execute(
        "insert into stored_day (day, count, bytes)"
        " select cast(floor(stored_at / 86400.0) as integer), count(*), sum(coalesce(size, 0))"
        " from media where state = 'stored' and stored_at is not null group by 1"
    )
    op.execute(
        "insert into reason_count (reason, count) select reason, count(*) from media"
        " where state in ('failed','skipped') and reason is not null group by 1"
    )
    op.execute(
        "insert into media_count (platform, kind, state, count, bytes)"
        " select platform, kind,"
        " case when state in ('wanted','fetching','staged') then 'open' else state end,"
        " count(*), sum(coalesce(size, 0)) from media group by 1, 2, 3"
    )
    bind = op.get_bind()
    sqlite = bind.dialect.name == "sqlite"
    _fold_authors(bind)
    texts = (TEXT_SQLITE, FILL_SQLITE, *TEXT_TRIGGERS)
    for statement in texts if sqlite else (*TEXT_POSTGRESQL, FILL_POSTGRESQL):
        bind.exec_driver_sql(statement)
    for statement in sqlite_triggers() if sqlite else postgresql_triggers():
        bind.exec_driver_sql(statement)


def _fold_authors(bind: sa.Connection) -> None:
    """Give media the names of their authors as people look for them; no engine folds all scripts."""
    authors = bind.execute(sa.text("select distinct author from post")).scalars().all()
    update = sa.text(
        "update media set author_key = :key"
        " where post_id in (select id from post where author = :author)"
    )
    pairs = [{"author": one, "key": one.removeprefix("@").casefold()} for one in authors]
    if pairs:
        bind.execute(sa.text("create index ix_fold on post (author)"))
        bind.execute(update, pairs)
        bind.execute(sa.text("drop index ix_fold"))
