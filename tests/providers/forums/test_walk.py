"""The order in which the pages of a section's topics come."""

from dataclasses import dataclass, field

from gatherum.model import Media, Page, Post
from gatherum.providers.forums.listing import list_section
from gatherum.providers.forums.sheets import SectionSheet, TopicRow, TopicSheet
from gatherum.providers.forums.walk import Position
from gatherum.providers.forums.words import Words


def post(number: int) -> Post:
    url = f"https://forum.example/{number}"
    return Post(platform="mybb", id=str(number), url=url, media=(Media(id="1", url=f"{url}.jpg"),))


def sheet(*numbers: int, words: tuple[int, ...] = (), earlier: int | None = None) -> TopicSheet:
    """Return a page of a topic, whose posts `words` have no media."""
    every = sorted({*numbers, *words}, reverse=True)
    posts = tuple(post(number) for number in sorted(numbers, reverse=True))
    newest = max(numbers, default=every[-1])
    return TopicSheet(posts=posts, numbers=tuple(every), newest=newest, earlier=earlier, last=None)


@dataclass
class Board:
    """Topics by their pages, the newest last; the section shows that one first that was written in last."""

    topics: dict[str, tuple[TopicSheet, ...]]
    first: int = 1
    size: int = 100  # topics on a page of the section
    asked: list[str] = field(default_factory=list)
    turned: list[int] = field(default_factory=list)

    async def last(self, topic: str) -> TopicSheet:
        return await self.page(topic, len(self.topics[topic]))

    async def page(self, topic: str, place: int) -> TopicSheet:
        self.asked.append(f"{topic}{place}")
        return self.topics[topic][place - 1]

    async def section(self, section: str, place: int) -> SectionSheet:  # noqa: ARG002
        self.turned.append(place)
        order = sorted(self.topics, key=lambda name: self.topics[name][-1].numbers[0], reverse=True)
        shown = [TopicRow(name, pinned=False, title=name) for name in order]
        rest = shown[(place - 1) * self.size :]
        later = place + 1 if len(rest) > self.size else None
        return SectionSheet(topics=tuple(rest[: self.size]), later=later)


def six_topics() -> Board:
    numbers = zip("abcdef", range(600, 0, -100), strict=True)
    return Board({name: (sheet(number),) for name, number in numbers}, size=2)


async def listed(board: Board, cursor: str | None = None) -> list[Page]:
    return [page async for page in list_section(board, "5", cursor, Words())]


def numbers_of(pages: list[Page]) -> list[list[int]]:
    return [[int(one.id) for one in page.posts] for page in pages if page.posts]


async def test_a_reply_of_words_puts_no_topic_before_newer_pictures() -> None:
    board = Board({"a": (sheet(500, words=(1000,)),), "b": (sheet(900, 400),)})

    assert numbers_of(await listed(board)) == [[900, 400], [500]]


async def test_a_page_of_words_alone_leads_to_the_page_before_it() -> None:
    board = Board(
        {
            "a": (sheet(700, 500), sheet(words=(1000, 990), earlier=1)),
            "b": (sheet(900, 400),),
            "c": (sheet(600),),
        }
    )

    assert numbers_of(await listed(board)) == [[900, 400], [700, 500], [600]]


async def test_nothing_behind_a_page_is_newer_wherever_one_goes_on() -> None:
    board = Board(
        {
            "a": (sheet(100, 90), sheet(300, words=(310,), earlier=1)),
            "b": (sheet(80), sheet(words=(290, 280), earlier=1)),
            "c": (sheet(285, 200),),
        }
    )
    whole = await listed(board)

    assert numbers_of(whole) == [[300], [285, 200], [100, 90], [80]]
    assert all(page.overlaps for page in whole if page.posts)
    for place, page in enumerate(whole[:-1]):
        rest = await listed(board, page.cursor)
        assert numbers_of(rest) == numbers_of(whole[place + 1 :])


async def test_a_topic_that_moved_to_the_front_before_its_turn_is_read_to_its_beginning() -> None:
    board = six_topics()
    pages = await listed(board)
    assert numbers_of(pages) == [[600], [500], [400], [300], [200], [100]]
    cut = next(page for page in pages if page.posts and page.posts[0].id == "500")

    board.topics["f"] = (sheet(100), sheet(700, earlier=1))
    board.asked.clear()
    rest = await listed(board, cut.cursor)

    assert {number for page in numbers_of(rest) for number in page} == {700, 400, 300, 200, 100}
    assert sorted(board.asked) == sorted(set(board.asked))  # no page of a topic twice
    assert not {"a1", "b1"} & set(board.asked)


async def test_to_go_on_where_nothing_moved_costs_one_page_of_the_section() -> None:
    board = six_topics()
    pages = await listed(board)
    whole, turned = numbers_of(pages), list(board.turned)
    assert turned == [1, 2, 3]

    for place, page in enumerate(pages[:-1]):
        board.turned.clear()
        assert numbers_of(await listed(board, page.cursor)) == whole[place + 1 :]
        later = Position.model_validate_json(page.cursor or "").later
        assert board.turned == ([1, *turned[turned.index(later) :]] if later else [])


async def test_a_place_that_nothing_was_met_before_leads_on_and_not_back() -> None:
    board = six_topics()

    await listed(board, Position(later=1).model_dump_json())
    assert board.turned == [1, 2, 3]

    board.turned.clear()
    await listed(board, Position(later=2).model_dump_json())
    assert board.turned == [2, 3]
