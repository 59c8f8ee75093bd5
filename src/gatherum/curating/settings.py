"""Changes of settings as decisions: what was before comes back where nobody has changed it since.

Secrets are left out of it: what they were is not kept anywhere.
"""

from collections.abc import Callable, Mapping

from gatherum.curating import decisions
from gatherum.curating.decisions import DecisionView, NewDecision
from gatherum.curating.titles import back_of
from gatherum.db import Database, Tx
from gatherum.db.preferences import Preferences, Recorded
from gatherum.db.setting_words import is_secret
from gatherum.errors import Conflict
from gatherum.library.editing import Change
from gatherum.ports import Clock, Json
from gatherum.settings import SECTIONS

KIND = "setting.edit"
SUBJECT = 0  # a decision is about one section, which its action names


class SettingDecisions:
    """Records changes of settings, and undoes them."""

    def __init__(self, database: Database, preferences: Preferences, clock: Clock) -> None:
        self._db = database
        self._preferences = preferences
        self._clock = clock

    def recorder(self, section: str, *, author: int | None) -> Recorded:
        """Return what records a change of a section, for `Preferences.update`."""

        def record(tx: Tx, before: Mapping[str, object], after: Mapping[str, object]) -> None:
            changed = _told(section, before)
            names = ", ".join(f"{section}.{name}" for name in sorted(changed))
            new = NewDecision(
                author=author,
                kind=KIND,
                title=f"Settings changed: {names}",
                action={"section": section},
            )
            self._write(tx, new, Change(before=changed, after=_told(section, after)))

        return record

    async def undo(
        self, number: int, *, author: int | None, recorded: Callable[[str], Recorded]
    ) -> DecisionView:
        """Undo a change of settings; `recorded` tells of the change of a section to others.

        Raises `Conflict` if nothing of it can be given back, `Stale` if somebody changes the
        section in this very moment.
        """
        section, change = await self._db.read(lambda tx: _find(tx, number))
        model = SECTIONS[section]
        current, version = await self._preferences.get_versioned(model)
        present = current.model_dump(mode="json")
        ours = {name for name, value in change.after.items() if present.get(name) == value}
        if not ours:
            raise Conflict("These settings have been changed since.")
        made: list[int] = []

        def write(tx: Tx, before: Mapping[str, object], after: Mapping[str, object]) -> None:
            old = decisions.hold(tx, number)
            decisions.check_way_back(old)
            new = NewDecision(
                author=author,
                kind=KIND,
                title=back_of(old.title),
                action={"section": section},
                undo_of=number,
            )
            given = Change(before=_told(section, before), after=_told(section, after))
            made.append(self._write(tx, new, given))
            decisions.mark_undone(tx, number, by=made[-1])
            recorded(section)(tx, before, after)

        back = {name: value for name, value in change.before.items() if name in ours}
        await self._preferences.update(model, back, version=version, recorded=write)
        return await self._db.read(lambda tx: decisions.get(tx, made[-1]))

    def _write(self, tx: Tx, new: NewDecision, change: Change) -> int:
        number = decisions.add(tx, new, now=self._clock.now())
        decisions.add_items(tx, number, [SUBJECT])
        changes = {SUBJECT: change} if change else {}
        same = [] if change else [SUBJECT]
        decisions.settle_items(tx, number, changes=changes, same=same, left=[])
        return number


def _find(tx: Tx, number: int) -> tuple[str, Change]:
    old = decisions.hold(tx, number)
    decisions.check_way_back(old)
    section = str(old.action.get("section"))
    if old.kind != KIND or section not in SECTIONS:
        raise Conflict("Gatherum does not know these settings any more.")
    return section, decisions.changes_of(tx, number)[SUBJECT]


def _told(section: str, values: Mapping[str, object]) -> dict[str, Json]:
    fields = SECTIONS[section].model_fields
    return {name: value for name, value in values.items() if not is_secret(fields[name])}  # type: ignore[misc]  # they come from JSON
