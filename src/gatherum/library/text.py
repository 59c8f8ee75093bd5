"""The full text of media: captions, authors, tags, names of files, descriptions, as one index.

Upper and lower case and accents are the same to it. SQLite keeps an FTS5 table that holds the index
and no texts, PostgreSQL a tsvector; nothing that people type is read as the syntax of either.
"""

from collections.abc import Sequence

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.query.clauses import Words

CHUNK = 500
_FROM = "from media join post on post.id = media.post_id where media.id in :ids"
_TAGS = (
    "(select {join}(tag.name, ' ') from media_tag join tag on tag.id = media_tag.tag_id"
    " where media_tag.media_id = media.id)"
)
_INDEX_SQLITE = (
    "insert or replace into media_text (rowid, caption, author, tags, filename, description)"
    f" select media.id, post.caption, post.author, {_TAGS.format(join='group_concat')},"
    f" media.filename, media.description {_FROM}"
)
_INDEX_POSTGRESQL = (
    "insert into media_text (media_id, words) select media.id, to_tsvector('simple', search_words("
    f"concat_ws(' ', post.caption, post.author, {_TAGS.format(join='string_agg')},"
    f" media.filename, media.description))) {_FROM}"
    " on conflict (media_id) do update set words = excluded.words"
)


def index_text(tx: Tx, media_ids: Sequence[int]) -> None:
    """Write what the rows of these media say now into the index: after each change of their texts."""
    engine = tx.dialect.name
    statement = sa.text(_INDEX_SQLITE if engine == "sqlite" else _INDEX_POSTGRESQL)
    for start in range(0, len(media_ids), CHUNK):
        ids = list(media_ids[start : start + CHUNK])
        tx.execute(statement.bindparams(sa.bindparam("ids", ids, expanding=True)))


def sqlite_match(words: Sequence[Words]) -> str:
    """Return what FTS5 looks for: all of these words. Everything stands between quotation marks."""
    return " AND ".join(
        '"{}"{}'.format(one.text.replace('"', '""'), " *" if one.begins else "") for one in words
    )


def found_by_text(words: Sequence[Words], engine: str) -> sa.Select[int]:
    """Return the query for the numbers of all media in which these words stand."""
    if engine == "sqlite":
        return (
            sa.select(sa.literal_column("rowid", sa.BigInteger))
            .select_from(sa.text("media_text"))
            .where(sa.text("media_text match :words").bindparams(words=sqlite_match(words)))
        )
    table = sa.table("media_text", sa.column("media_id", sa.BigInteger), sa.column("words"))
    queries = [sa.func.search_query(one.text, one.begins) for one in words]
    return sa.select(table.c.media_id).where(
        sa.and_(*(table.c.words.op("@@")(query) for query in queries))
    )
