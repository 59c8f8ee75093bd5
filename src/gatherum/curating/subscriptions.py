"""What each action does to subscriptions, in the transaction that records it."""

from collections.abc import Mapping

from pydantic import TypeAdapter

from gatherum.curating.actions import SubscriptionAction, wanted_values
from gatherum.curating.media import Step
from gatherum.db import Tx
from gatherum.library.editing import Change
from gatherum.ports import Json
from gatherum.subscriptions.changing import Changing

ACTION: TypeAdapter[SubscriptionAction] = TypeAdapter(SubscriptionAction)


def carry_out(
    tx: Tx,
    changing: Changing,
    kind: str,
    items: Mapping[int, Change],
    action: Mapping[str, Json] | None,
) -> Step:
    """Do to subscriptions what a decision of this kind does; no action: it is an undo."""
    match kind:
        case "subscription.unfollow":
            return _unfollow(tx, changing, items)
        case "subscription.follow":
            back = {
                number: change
                for number, change in items.items()
                if changing.bring_back(tx, number, change.after)
            }
            return Step(changes=back)
        case _:
            return _change(tx, changing, items, action)


def _unfollow(tx: Tx, changing: Changing, items: Mapping[int, Change]) -> Step:
    removed = {number: changing.remove(tx, number) for number in items}
    return Step(
        changes={
            number: Change(before=values, after={"followed": False})
            for number, values in removed.items()
            if values is not None
        }
    )


def _change(
    tx: Tx, changing: Changing, items: Mapping[int, Change], action: Mapping[str, Json] | None
) -> Step:
    wanted = None if action is None else wanted_values(ACTION.validate_python(action))
    found: dict[int, Change] = {}
    for number, item in items.items():
        values = (
            changing.change(tx, number, wanted)
            if wanted is not None
            else changing.give_back(tx, number, before=item.after, after=item.before)
        )
        if values is not None:
            found[number] = Change(before=values[0], after=values[1])
    same = [number for number, change in found.items() if not change and wanted is not None]
    return Step(changes={n: change for n, change in found.items() if change}, same=same)
