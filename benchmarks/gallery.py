"""A gallery as people have it after years, for the questions about finding: skewed in every way."""

import random

import sqlalchemy as sa

from gatherum.db import Database
from gatherum.library.tables import FileRow, MediaRow, PostRow

YEARS = 10
BEGIN = 1_420_070_400.0  # 2015-01-01
PLATFORMS = (
    ("instagram", 45),
    ("reddit", 20),
    ("tiktok", 15),
    ("x", 12),
    ("forum", 7),
    ("feed", 1),
)
KINDS: tuple[tuple[str, str, int], ...] = (
    ("image", "image/jpeg", 700),
    ("image", "image/png", 80),
    ("image", "image/gif", 2),
)
KINDS += (
    ("video", "video/mp4", 190),
    ("audio", "audio/mpeg", 25),
    ("document", "application/pdf", 3),
)
VOWELS, CONSONANTS = "aeiou", "bcdfghklmnprstvz"
CHUNK = 20_000
MEDIA_A_POST = 2


def word(number: int) -> str:
    """Return the word of this rank: `word(0)` is in every other caption, `word(9999)` in a few."""
    syllables = []
    for _ in range(3):
        number, rest = divmod(number, 80)
        syllables.append(CONSONANTS[rest % 16] + VOWELS[rest // 16])
    return "".join(syllables)


def author(number: int) -> str:
    """Return an author's name; the first ones have posted the most."""
    return f"{word(number * 37 + 5)}_{number}"


def fill_gallery(database: Database, count: int) -> None:
    """Put stored media with posts, files, texts and tags into an empty library."""
    triggers = database.read_now(
        lambda tx: tx.exec_driver_sql(
            "select name, sql from sqlite_master where type = 'trigger'"
        ).all()
    )

    def drop(tx: sa.Connection) -> None:
        tx.execute(sa.delete(PostRow))
        for trigger in triggers:
            tx.exec_driver_sql(f"drop trigger {trigger.name}")

    def finish(tx: sa.Connection) -> None:
        for statement in FINISH:
            tx.exec_driver_sql(statement)
        for trigger in triggers:
            tx.exec_driver_sql(trigger.sql)

    database.write_now(drop)
    dice = random.Random(7)
    for start in range(0, count, CHUNK):
        posts, files, media = _rows(dice, start, min(start + CHUNK, count))

        def insert(tx: sa.Connection, posts=posts, files=files, media=media) -> None:  # type: ignore[no-untyped-def]  # the defaults bind them
            tx.execute(sa.insert(PostRow), posts)
            tx.execute(sa.insert(FileRow), files)
            tx.execute(sa.insert(MediaRow), media)

        database.write_now(insert)
    database.write_now(finish)


def _rows(dice: random.Random, start: int, stop: int) -> tuple[list[dict[str, object]], ...]:
    posts: list[dict[str, object]] = []
    files: list[dict[str, object]] = []
    media: list[dict[str, object]] = []
    kinds = dice.choices(KINDS, [weight for *_, weight in KINDS], k=stop - start)
    for number, (kind, mime, _) in enumerate(kinds, start):
        post_id = number // MEDIA_A_POST + 1
        if number % MEDIA_A_POST == 0:
            who = int(5000 * dice.random() ** 3)
            platform = dice.choices([p for p, _ in PLATFORMS], [w for _, w in PLATFORMS])[0]
            # What is listed comes newest first, author by author: numbers and dates hardly agree.
            posted_at = float(int(BEGIN + dice.random() * YEARS * 365.25 * 86400))
            words = " ".join(word(int(10_000 * dice.random() ** 4)) for _ in range(12))
            posts.append(_post(post_id, platform, author(who), posted_at, words))
        post = posts[-1]
        moving = kind in ("video", "audio")
        size = int(dice.lognormvariate(12.2 if not moving else 15.5, 1.0))
        wide, high = dice.choice(
            ((1080, 1350), (1080, 1080), (1920, 1080), (1080, 1920), (4000, 3000))
        )
        files.append(_file(number, mime, kind, size, dice.randbytes(25)))
        media.append(
            {
                "id": number + 1,
                "post_id": post_id,
                "platform": post["platform"],
                "host": "",
                "remote_id": f"m{number}",
                "position": number % MEDIA_A_POST + 1,
                "kind": kind,
                "state": "stored",
                "url": f"https://cdn.example/{number}.jpg",
                "transport": "http",
                "recipe": {"headers": {}, "mirrors": [], "id": f"m{number}"},
                "filename": f"IMG_{number}.jpg",
                "attempt": 0,
                "not_before": 0.0,
                "part_ok": 0,
                "file_id": number + 1,
                "width": wide,
                "height": high,
                "duration": dice.uniform(3, 600) if moving else None,
                "mime": mime,
                "size": size,
                "author_key": str(post["author"]),
                "posted_at": post["posted_at"],
                "shown_at": post["posted_at"],
                "created_at": BEGIN + number,
                "stored_at": BEGIN + number,
                "favourite": dice.random() < 0.004,
            }
        )
    return posts, files, media


def _post(number: int, platform: str, name: str, posted_at: float, words: str) -> dict[str, object]:
    return {
        "id": number,
        "platform": platform,
        "host": "",
        "remote_id": f"p{number}",
        "url": f"https://{platform}.example/p/{number}",
        "author": name,
        "caption": words,
        "links": [],
        "posted_at": posted_at,
        "seen_at": BEGIN,
        "gone_since": BEGIN if number % 997 == 0 else None,
        "versions": 1 + (number % 991 == 0),
    }


def _file(number: int, mime: str, kind: str, size: int, thumbhash: bytes) -> dict[str, object]:
    return {
        "id": number + 1,
        "state": "stored",
        "sha256": f"{number:064x}",
        "size": size,
        "mime": mime,
        "kind": kind,
        "part": "",
        "path": f"library/{number % 1000}/{number}.jpg",
        "stored_at": BEGIN + number,
        "thumbhash": thumbhash,
    }


FINISH = (
    (
        "insert into media_text (rowid, caption, author, filename)"
        " select cast(shown_at as integer) * 536870912 + media.id, caption, author,"
        " filename from media join post on post.id = media.post_id"
    ),
    "insert into tag (id, name, name_key) values (1, 'beach', 'beach'), (2, 'rare', 'rare')",
    "insert into media_tag (media_id, tag_id) select id, 1 from media where id % 50 = 0",
    "insert into media_tag (media_id, tag_id) select id, 2 from media where id % 20011 = 0",
    "insert into source (subscription_id, post_id) select 1 + id % 40, id from post",
    (
        "insert into day_bucket (day, count, width) select cast(floor(shown_at / 86400.0) as integer),"
        " count(*), sum(coalesce(1.0 * width / nullif(height, 0), 1.0)) from media group by 1"
    ),
    (
        "insert into media_count (platform, kind, state, count, bytes)"
        " select platform, kind, state, count(*), sum(size) from media group by 1, 2, 3"
    ),
)
