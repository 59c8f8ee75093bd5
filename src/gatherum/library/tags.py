"""The tags of media. A tag is known by its case-folded name; one that nothing has any more goes."""

from collections.abc import Mapping, Sequence

import sqlalchemy as sa

from gatherum.db import Tx, insert_new
from gatherum.errors import InvalidInput
from gatherum.library.tables import MediaTagRow, TagRow

LONGEST = 100
Names = Mapping[str, str]  # case-folded -> as it is written


def key_of(name: str) -> str:
    """Return what makes two names the same tag."""
    return name.casefold()


def check_tag(name: str) -> str:
    """Return a tag's name with single blanks; `InvalidInput` if it is none."""
    words = " ".join(name.split())
    if not 1 <= len(words) <= LONGEST or not words.isprintable():
        raise InvalidInput(f"A tag has 1 to {LONGEST} printable characters.")
    return words


def tags_of(tx: Tx, media_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """Return the tags of media that have any."""
    query = (
        sa.select(MediaTagRow.media_id, TagRow.name_key, TagRow.name)
        .join(TagRow, TagRow.id == MediaTagRow.tag_id)
        .where(MediaTagRow.media_id.in_(media_ids))
    )
    found: dict[int, dict[str, str]] = {}
    for media_id, key, name in tx.execute(query):
        found.setdefault(media_id, {})[key] = name
    return found


def change_tags(
    tx: Tx, *, add: Mapping[str, Sequence[int]], remove: Mapping[str, Sequence[int]]
) -> None:
    """Put tags on media, and take tags off media, by the names of the tags."""
    ids = _make(tx, list(add))
    pairs = [
        {"media_id": media_id, "tag_id": ids[key_of(name)]}
        for name, media_ids in add.items()
        for media_id in media_ids
    ]
    insert_new(tx, MediaTagRow, sorted(pairs, key=lambda pair: (pair["tag_id"], pair["media_id"])))
    loosed = _locked(tx, [key_of(name) for name in remove], to_remove=True)
    for name, media_ids in remove.items():
        if (tag := loosed.get(key_of(name))) is not None:
            off = sa.and_(MediaTagRow.tag_id == tag, MediaTagRow.media_id.in_(media_ids))
            tx.execute(sa.delete(MediaTagRow).where(off))
    unused = ~sa.exists().where(MediaTagRow.tag_id == TagRow.id)
    if loosed:
        tx.execute(sa.delete(TagRow).where(TagRow.id.in_(sorted(loosed.values())), unused))


def _make(tx: Tx, names: Sequence[str]) -> dict[str, int]:
    """Return the numbers of tags by key, making those that are new."""
    wanted = {key_of(name): name for name in reversed(names)}
    found: dict[str, int] = {}
    while missing := sorted(wanted.keys() - found.keys()):
        # Between the two steps somebody may remove one as unused: then it is made again.
        insert_new(tx, TagRow, [{"name": wanted[key], "name_key": key} for key in missing])
        found |= _locked(tx, missing, to_remove=False)
    return found


def _locked(tx: Tx, keys: Sequence[str], *, to_remove: bool) -> dict[str, int]:
    """Return the numbers of tags, held: none is removed as unused while it is put on a media."""
    if not keys:
        return {}
    query = sa.select(TagRow.name_key, TagRow.id).where(TagRow.name_key.in_(keys))
    held = query.order_by(TagRow.id).with_for_update(read=not to_remove, key_share=not to_remove)
    return {row.name_key: row.id for row in tx.execute(held)}
