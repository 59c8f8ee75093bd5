"""Decisions about what is followed: paused, changed, followed no longer, and every step back."""

from dataclasses import replace

import pytest

from gatherum.curating.actions import (
    EditSubscriptions,
    PauseSubscriptions,
    ResumeSubscriptions,
    UnfollowSubscriptions,
)
from gatherum.curating.preview import Cannot, Example
from gatherum.errors import InvalidInput, NotFound
from gatherum.jobs.scheduler import Cron, Every
from gatherum.model import Target
from gatherum.query.filter import Filter
from gatherum.subscriptions.model import Subscription
from gatherum.subscriptions.timing import parse_timing
from tests.curating.world import World

ME = 7
PAUSE = PauseSubscriptions(kind="pause")
RESUME = ResumeSubscriptions(kind="resume")
UNFOLLOW = UnfollowSubscriptions(kind="unfollow")


def edit(**values: object) -> EditSubscriptions:
    return EditSubscriptions.model_validate({"kind": "edit", **values})


async def follow(world: World, key: str) -> Subscription:
    target = Target(
        platform="plaza", feed="user", key=key, url=f"https://p/{key}", values={"user": key}
    )
    return await world.subscriptions.follow(
        target,
        title=key,
        wanted=Filter.parse("kind:image"),
        timing=Cron(expression="0 6 * * *", zone="Europe/Berlin", jitter_s=5),
        limit=9,
        options={"login": 3},
    )


async def test_pausing_and_resuming_are_undone_where_nobody_has_done_it_since(
    world: World,
) -> None:
    one, two, three = [(await follow(world, key)).id for key in ("a", "b", "c")]
    await world.batches.run(PAUSE, [three], author=ME)

    paused = await world.batches.run(PAUSE, [one, two, three], author=ME)
    await world.batches.run(RESUME, [two], author=8)
    undo = await world.batches.undo(paused.id, author=ME)

    assert (paused.title, paused.done, paused.same) == ("3 subscriptions paused", 2, 1)
    assert (undo.kind, undo.done, undo.left) == ("subscription.resume", 1, 1)
    assert [one.paused for one in await world.subscriptions.list()] == [False, False, True]


async def test_a_change_of_many_is_previewed_undone_and_redone(world: World) -> None:
    ids = [(await follow(world, key)).id for key in ("a", "b")]
    before = await world.subscriptions.list()
    action = edit(timing="6h", filter="kind:video", limit=None)

    preview = await world.previews.preview(action, [*ids, 99])
    made = await world.batches.run(action, [*ids, 99], author=ME)
    changed = await world.subscriptions.get(ids[0])

    assert (preview.total, preview.change, preview.same) == (3, 2, 0)
    assert preview.cannot == (Cannot(reason="It does not exist.", count=1),)
    assert preview.examples[0].after["filter"] == "kind:video"
    assert (made.done, made.left) == (2, 1)
    assert (str(changed.filter), changed.limit, changed.timing) == (
        "kind:video",
        None,
        parse_timing("6h"),
    )
    assert isinstance(changed.timing, Every)
    undo = await world.batches.undo(made.id, author=ME)
    after = await world.subscriptions.list()
    assert undo.done == 2
    assert [_kept(one) for one in after] == [_kept(one) for one in before]
    redo = await world.batches.undo(undo.id, author=ME)
    assert redo.done == 2
    assert (await world.subscriptions.get(ids[1])).limit is None


async def test_an_undo_of_a_change_leaves_what_somebody_else_has_changed(world: World) -> None:
    one = await follow(world, "a")
    made = await world.batches.run(edit(title="mine", filter="kind:video"), [one.id], author=ME)
    await world.batches.run(edit(title="theirs"), [one.id], author=8)

    await world.batches.undo(made.id, author=ME)

    now = await world.subscriptions.get(one.id)
    assert (now.title, str(now.filter)) == ("theirs", "kind:image")


async def test_what_is_followed_no_longer_comes_back_as_it_was(world: World) -> None:
    one, two = [await follow(world, key) for key in ("a", "b")]
    await world.subscriptions.pause(two.id)
    two = await world.subscriptions.get(two.id)

    preview = await world.previews.preview(UNFOLLOW, [two.id])
    gone = await world.batches.run(UNFOLLOW, [one.id, two.id], author=ME)
    assert preview.examples == (
        Example(id=two.id, before={"followed": True}, after={"followed": False}),
    )
    assert await world.subscriptions.list() == ()
    later = await follow(world, "c")
    assert later.id > two.id  # so that the sources of what was removed are nobody else's
    undo = await world.batches.undo(gone.id, author=ME)

    assert (undo.kind, undo.done) == ("subscription.follow", 2)
    assert await world.subscriptions.get(one.id) == one
    assert await world.subscriptions.get(two.id) == two
    redo = await world.batches.undo(undo.id, author=ME)
    assert (redo.kind, redo.done) == ("subscription.unfollow", 2)
    with pytest.raises(NotFound):
        await world.subscriptions.get(one.id)


async def test_what_is_followed_again_meanwhile_is_left(world: World) -> None:
    one = await follow(world, "a")
    gone = await world.batches.run(UNFOLLOW, [one.id], author=ME)
    again = await follow(world, "a")

    undo = await world.batches.undo(gone.id, author=ME)

    assert (undo.done, undo.left) == (0, 1)
    assert [view.id for view in await world.subscriptions.list()] == [again.id]


async def test_nonsense_is_refused_before_anything_is_changed(world: World) -> None:
    one = await follow(world, "a")

    for values in ({"filter": "knid:image"}, {"timing": "soon"}, {"title": "\x07"}):
        with pytest.raises(InvalidInput):
            await world.batches.run(edit(**values), [one.id], author=ME)
    with pytest.raises(ValueError, match="say what is to change"):
        edit(zone="UTC")

    assert _kept(await world.subscriptions.get(one.id)) == _kept(one)
    assert await world.log.list(author=None, limit=9) == ()


def _kept(one: Subscription) -> Subscription:
    return replace(one, version=0, next_at=0.0)


async def test_many_are_given_another_login_and_get_their_own_back(world: World) -> None:
    one, two = [(await follow(world, key)).id for key in ("a", "b")]

    seen = await world.previews.preview(edit(login=5), [one])
    given = await world.batches.run(edit(login=5), [one, two], author=ME)
    after = [each.options for each in await world.subscriptions.list()]
    none = await world.batches.run(edit(login=None), [two], author=ME)
    without = (await world.subscriptions.get(two)).options
    for decision in (none, given):
        await world.batches.undo(decision.id, author=ME)

    assert seen.examples == (Example(id=one, before={"login": 3}, after={"login": 5}),)
    assert given.title == "2 subscriptions given another login"
    assert after == [{"login": 5}, {"login": 5}]
    assert without == {}
    assert [each.options for each in await world.subscriptions.list()] == [{"login": 3}] * 2
