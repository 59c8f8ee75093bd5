"""The full text of media: captions, authors, tags, names of files, descriptions, as one index.

Upper and lower case and accents are the same to it. SQLite keeps an FTS5 table that holds the index
and no texts, PostgreSQL a tsvector; nothing that people type is read as the syntax of either.

The rows of the FTS5 table are numbered by (second in the gallery, number of the media), so that what
is found comes in the order of the gallery, without being sorted. A trigger takes a row out whose
media moves; whoever moves one writes it into the index again.
"""

from collections.abc import Sequence
from math import floor

import sqlalchemy as sa

from gatherum.db import Tx
from gatherum.query.clauses import Words

CHUNK = 500
SHORTEST = 3  # letters, to look for words that begin with them
EDGE = 2**33  # seconds: the years 1697 and 2242
SPAN = 2**29  # numbers of media
FTS = sa.table("media_text", sa.column("rowid", sa.BigInteger))
_FTS_TEXTS = sa.literal_column("media_text", sa.Text)
FTS_ROW = FTS.c.rowid
FTS_MEDIA_ID = FTS_ROW.op("&")(sa.literal_column(str(SPAN - 1)))
FTS_SECOND = FTS_ROW.op(">>")(sa.literal_column("29"))
_FROM = "from media join post on post.id = media.post_id where media.id in :ids"
_TAGS = (
    "(select {join}(tag.name, ' ') from media_tag join tag on tag.id = media_tag.tag_id"
    " where media_tag.media_id = media.id)"
)
_KEY = "cast(max(-8589934592, min(8589934591, floor(media.shown_at))) as integer) * 536870912 + media.id"
_INDEX_SQLITE = (
    "insert or replace into media_text (rowid, caption, author, tags, filename, description)"
    f" select {_KEY}, post.caption, post.author, {_TAGS.format(join='group_concat')},"
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


def found_by_text(words: Sequence[Words], engine: str) -> sa.Select[int]:
    """Return the query for the numbers of all media in which these words stand."""
    if engine == "sqlite":
        return sa.select(FTS_MEDIA_ID).where(sqlite_match(words))
    table = sa.table("media_text", sa.column("media_id", sa.BigInteger), sa.column("words"))
    queries = [sa.func.search_query(one.text, _begins(one)) for one in words]
    return sa.select(table.c.media_id).where(
        sa.and_(*(table.c.words.op("@@")(query) for query in queries))
    )


def sqlite_match(words: Sequence[Words]) -> sa.ColumnElement[bool]:
    """Return the condition that FTS5 finds all of these words: each stands between quotation marks."""
    phrases = [
        '"{}"{}'.format(one.text.replace('"', '""'), " *" if _begins(one) else "") for one in words
    ]
    return _FTS_TEXTS.op("match", is_comparison=True)(" AND ".join(phrases))


def has_words(words: Sequence[Words]) -> sa.ColumnElement[bool]:
    """Return the condition that FTS5 finds these words in a media: for a few media, one by one."""
    here = sa.select(sa.literal(1)).where(sqlite_match(words), sa.literal_column(_KEY) == FTS_ROW)
    return here.correlate(None).exists()


def sqlite_row(second: float, media_id: int) -> int:
    """Return the number of a media's row in the FTS5 table."""
    return floor(max(-EDGE, min(EDGE - 1, second))) * SPAN + media_id


def _begins(words: Words) -> bool:
    # What begins with one or two letters is too much to be of use.
    return words.begins and len(words.text.split()[-1]) >= SHORTEST
