"""A library from before there were searches is found as well as a new one."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from gatherum.db import Database, make_engine
from gatherum.db import migrate as module
from gatherum.db.migrate import migrate
from gatherum.library.aggregates import Aggregates
from gatherum.library.items import Show
from gatherum.library.search import Order, Search
from gatherum.library.timeline import Timeline
from gatherum.query.search import Query

OLDER = (
    (
        "insert into post (id, platform, host, remote_id, url, author, caption, links, posted_at, seen_at,"
        " versions) values (1, 'plaza', '', 'p', '', '@ÉVA', 'Golden hour at the Café', '[]', 86400.9, 5, 1)"
    ),
    (
        "insert into file (id, state, sha256, size, mime, kind, part, path, stored_at)"
        " values (1, 'stored', 'ab', 77, 'image/png', 'image', '', 'library/x', 9)"
    ),
    (
        "insert into media (id, post_id, platform, host, remote_id, position, kind, state, url, transport,"
        " recipe, filename, width, height, attempt, not_before, part_ok, file_id, posted_at, created_at,"
        " stored_at) values (1, 1, 'plaza', '', 'm', 1, 'image', 'stored', '', 'http', '{}', 'IMG_7.jpg', 300,"
        " 200, 0, 0, 0, 1, 86400.9, 7.5, 9)"
    ),
)


async def test_what_was_stored_before_is_found_by_its_texts_and_counted(empty_url: str) -> None:
    engine = make_engine(empty_url, durable=True)
    with engine.begin() as tx:
        config = Config()
        config.set_main_option("script_location", str(Path(module.__file__).parent / "migrations"))
        config.attributes["connection"] = tx
        command.upgrade(config, "0001")
        for statement in OLDER:
            tx.execute(sa.text(statement.replace(":", r"\:")))
    engine.dispose()

    migrate(empty_url, backup_dir=None)

    database = Database(empty_url)
    search, show = Search(database), Show(files="/f", paths=True)
    for text in (
        "cafe ",
        "éva ",
        "img_7",
        "author:Éva",
        "type:image",
        "date:1970-01-02",
        "size=77",
    ):
        page = await search.page(Query.parse(text), show, order=Order.NEWEST, limit=5)
        assert [item.media for item in page.items] == ["m"], text
    assert (await Timeline(database).buckets(Query())).day == (1,)
    assert await Aggregates(database).differences() == []
    database.close()
