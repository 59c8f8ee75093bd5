"""A library of a million rows in a minute: what the gallery shows of media, without their files."""

import sqlalchemy as sa

from gatherum.db import Database

BEGIN = 1_420_070_400  # 2015-01-01
SPAN = 11 * 365 * 86_400
TOGETHER = 3  # media of a post
FILLS = (
    """
with recursive n(i) as (select 0 union all select i + 1 from n where i < :count / :together)
insert into post
  (id, platform, host, remote_id, url, author, caption, links, posted_at, seen_at, versions)
select i + 1, 'plaza', '', 'p' || i, 'https://plaza.example/p/' || i, 'author' || (i % 97),
  'Caption number ' || i, '[]', :begin, :begin, 1 from n
""",
    """
with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < :count)
insert into file (id, state, sha256, size, mime, kind, part, path, stored_at, thumbhash)
select i + 1, 'stored', printf('%064x', i), 200000 + i % 7919, 'image/jpeg', 'image', '',
  printf('library/%07d.jpg', i), :begin + i,
  cast(x'd5e809' || randomblob(18) as blob) from n
""",
    """
with recursive n(i) as (select 0 union all select i + 1 from n where i + 1 < :count),
  dated(i, at) as (select i, :begin + :span
    - cast(:span * (1.0 * i / :count + 0.004 * sin(i * 220.0 / :count)) as integer) from n)
insert into media (id, post_id, platform, host, remote_id, position, kind, state, url, transport,
  recipe, filename, attempt, not_before, part_ok, file_id, width, height, duration, mime, size,
  author_key, posted_at, shown_at, created_at, stored_at, favourite)
select i + 1, i / :together + 1, 'plaza', '', 'm' || i, i % :together + 1,
  case when i % 11 = 0 then 'video' else 'image' end, 'stored', 'https://cdn.example/' || i, 'http',
  '{}', 'IMG_' || i, 0, 0, 0, i + 1,
  case i % 5 when 0 then 1080 when 1 then 1080 when 2 then 1920 when 3 then 1080 else 4000 end,
  case i % 5 when 0 then 1350 when 1 then 1080 when 2 then 1080 when 3 then 1920 else 3000 end,
  case when i % 11 = 0 then i % 600 end, 'image/jpeg', 200000 + i % 7919,
  'author' || (i / :together % 97), at, at, :begin + i, :begin + i, i % 250 = 0 from dated
""",
    """
insert into day_bucket (day, count, width)
select cast(floor(shown_at / 86400.0) as integer), count(*), sum(1.0 * width / height)
from media group by 1
""",
    """
insert into media_count (platform, kind, state, count, bytes)
select platform, kind, state, count(*), sum(size) from media group by 1, 2, 3
""",
)


def fill(database: Database, count: int) -> None:
    """Put stored media, their posts and files into an empty library."""

    values = {"count": count, "begin": BEGIN, "span": SPAN, "together": TOGETHER}

    def tx(tx: sa.Connection) -> None:
        triggers = tx.exec_driver_sql(
            "select name, sql from sqlite_master where type = 'trigger'"
        ).all()
        for trigger in triggers:
            tx.exec_driver_sql(f"drop trigger {trigger.name}")
        for statement in FILLS:
            tx.execute(
                sa.text(statement),
                {name: value for name, value in values.items() if f":{name}" in statement},
            )
        for trigger in triggers:
            tx.exec_driver_sql(trigger.sql)

    database.write_now(tx)
