"""What people may do to many things at once: a closed set of actions, each of its own form."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, model_validator

from gatherum.errors import InvalidInput
from gatherum.jobs.scheduler import Every
from gatherum.library.editing import FIRST, KEPT, LAST, LONGEST_DESCRIPTION, Edit
from gatherum.library.tags import LONGEST, check_tag, key_of
from gatherum.ports import Json
from gatherum.query.filter import Filter
from gatherum.subscriptions.changing import told_bounds, told_timing
from gatherum.subscriptions.model import Adaptive
from gatherum.subscriptions.timing import parse_timing

CENTURY_S = 100 * 366 * 86_400.0
Tag = Annotated[str, Field(min_length=1, max_length=LONGEST)]
Tags = Annotated[tuple[Tag, ...], Field(max_length=100)]
Why = Annotated[str, Field(max_length=200, description="Why, for those who look later.")]


class _Action(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)


class EditMedia(_Action):
    """Change what people say of media. What is not sent stays; null takes a value away."""

    kind: Literal["edit"]
    date: AwareDatetime | None = Field(None, description="null gives the platform's date back.")
    shift_date: Annotated[float, Field(ge=-CENTURY_S, le=CENTURY_S, description="Seconds.")] = 0.0
    description: Annotated[str, Field(max_length=LONGEST_DESCRIPTION)] | None = None
    favourite: bool | None = None
    tags: Tags | None = Field(None, description="These and no others.")
    tags_add: Tags = ()
    tags_remove: Tags = ()

    @model_validator(mode="after")
    def _make_sense(self) -> "EditMedia":
        sent = self.model_fields_set - {"kind"}
        if not sent or (sent == {"shift_date"} and not self.shift_date):
            raise ValueError("say what is to change")
        if self.shift_date and "date" in sent:
            raise ValueError("a date is either set or shifted")
        if self.tags is not None and (self.tags_add or self.tags_remove):
            raise ValueError("tags are either set, or added and removed")
        both = {key_of(tag) for tag in self.tags_add} & {key_of(tag) for tag in self.tags_remove}
        if both:
            raise ValueError("a tag is either added or removed")
        if self.date is not None and not FIRST <= self.date.timestamp() <= LAST:
            raise ValueError("a date lies in the years 1 to 9999")
        return self

    def edit(self) -> Edit:
        """Return the edit; raises `InvalidInput` for what is no tag."""
        sent = self.model_fields_set
        date = None if self.date is None else self.date.timestamp()
        return Edit(
            date=date if "date" in sent else KEPT,
            shift=self.shift_date,
            description=self.description if "description" in sent else KEPT,
            favourite=KEPT if self.favourite is None else self.favourite,
            tags=KEPT if self.tags is None else _tags(self.tags),
            add=_tags(self.tags_add),
            remove=_tags(self.tags_remove),
        )


class TrashMedia(_Action):
    """Put media into the recycle bin."""

    kind: Literal["trash"]
    why: Why = ""


class RestoreMedia(_Action):
    """Bring trashed media back to where they were."""

    kind: Literal["restore"]


class AllowMedia(_Action):
    """Lift the tombstones of purged media, and fetch them again."""

    kind: Literal["allow"]


class FetchMedia(_Action):
    """Fetch media again that failed or were skipped."""

    kind: Literal["fetch"]


class PurgeMedia(_Action):
    """Remove the files of trashed media for ever. There is no way back."""

    kind: Literal["purge"]


class Bounds(_Action):
    """The shortest and the longest interval of adaptive checking, as `30m` and `1w`."""

    shortest: Annotated[str, Field(max_length=200)]
    longest: Annotated[str, Field(max_length=200)]

    def read(self) -> Adaptive:
        """Return the bounds; raises `InvalidInput` for what are none."""
        shortest, longest = parse_timing(self.shortest), parse_timing(self.longest)
        if not isinstance(shortest, Every) or not isinstance(longest, Every):
            raise InvalidInput("The bounds of adaptive checking are intervals, such as 30m and 1w.")
        return Adaptive(shortest_s=shortest.seconds, longest_s=longest.seconds)


class EditSubscriptions(_Action):
    """Change subscriptions. What is not sent stays."""

    kind: Literal["edit"]
    title: Annotated[str, Field(min_length=1, max_length=500)] | None = None
    filter: Annotated[str, Field(max_length=4000)] | None = None
    limit: Annotated[int, Field(ge=1, le=1_000_000)] | None = Field(
        None, description="Posts to go back at most; null is no limit."
    )
    timing: Annotated[str, Field(max_length=200)] | None = None
    zone: Annotated[str, Field(max_length=100)] = "UTC"
    jitter_s: Annotated[float, Field(ge=0, le=366 * 86_400)] | None = Field(
        None, description="Seconds that a check may come later, of the timing that is sent."
    )
    adaptive: Bounds | None = Field(
        None, description="null: the timing counts, whatever the speed of posting."
    )
    login: Annotated[int, Field(ge=1, le=2**53)] | None = Field(
        None, description="What it is checked with; null: without a login."
    )

    @model_validator(mode="after")
    def _make_sense(self) -> "EditSubscriptions":
        if not self.model_fields_set - {"kind", "zone", "jitter_s"}:
            raise ValueError("say what is to change")
        return self


class PauseSubscriptions(_Action):
    """Let subscriptions rest."""

    kind: Literal["pause"]


class ResumeSubscriptions(_Action):
    """Let subscriptions go on."""

    kind: Literal["resume"]


class UnfollowSubscriptions(_Action):
    """Follow no longer. What they brought stays in the library."""

    kind: Literal["unfollow"]


MediaAction = EditMedia | TrashMedia | RestoreMedia | AllowMedia | FetchMedia
SubscriptionAction = (
    EditSubscriptions | PauseSubscriptions | ResumeSubscriptions | UnfollowSubscriptions
)
Action = MediaAction | PurgeMedia | SubscriptionAction
DONE = {
    "trash": "put into the recycle bin",
    "restore": "restored",
    "allow": "allowed again",
    "fetch": "fetched again",
    "purge": "deleted for ever",
    "pause": "paused",
    "resume": "resumed",
    "unfollow": "unfollowed",
}


def wanted_values(action: SubscriptionAction) -> dict[str, Json]:
    """Return the values that an action asks of a subscription; `InvalidInput` for nonsense."""
    match action:
        case PauseSubscriptions():
            return {"paused": True}
        case ResumeSubscriptions():
            return {"paused": False}
        case EditSubscriptions():
            wanted: dict[str, Json] = {}
            if action.title is not None:
                if not (title := action.title.strip()) or not title.isprintable():
                    raise InvalidInput("A title has printable characters.")
                wanted["title"] = title
            if action.filter is not None:
                wanted["filter"] = str(Filter.parse(action.filter))
            as_told = {"limit": action.limit, "login": action.login}
            wanted |= {n: told for n, told in as_told.items() if n in action.model_fields_set}
            if action.timing is not None:
                timing = parse_timing(action.timing, zone=action.zone, jitter_s=action.jitter_s)
                wanted["timing"] = told_timing(timing)
            if "adaptive" in action.model_fields_set:
                bounds = action.adaptive.read() if action.adaptive is not None else None
                wanted["adaptive"] = told_bounds(bounds)
            return wanted
        case _:
            return {}


def kind_of(action: Action) -> str:
    """Return what a decision to do this is called: `media.edit`, `subscription.pause`."""
    subject = "subscription" if isinstance(action, SubscriptionAction) else "media"
    return f"{subject}.{action.kind}"


def title_of(action: Action, total: int) -> str:
    """Say what was done, for people: `32 media tagged beach`."""
    if isinstance(action, SubscriptionAction):
        things = "1 subscription" if total == 1 else f"{total:,} subscriptions"
    else:
        things = f"{total:,} media"
    return f"{things} {_done(action)}"


def _done(action: Action) -> str:
    match action:
        case EditMedia():
            return " and ".join(_edits(action))
        case EditSubscriptions():
            sent = action.model_fields_set & {"title", "filter", "limit", "timing", "login"}
            if "adaptive" in action.model_fields_set:
                sent |= {"timing"}
            return f"given another {' and '.join(sorted(sent))}"
        case _:
            return DONE[action.kind]


def _edits(action: EditMedia) -> list[str]:
    sent = action.model_fields_set
    words = []
    if "date" in sent:
        dated = (
            "given the platform's date" if action.date is None else f"dated {action.date:%Y-%m-%d}"
        )
        words.append(dated)
    if action.shift_date:
        words.append("moved in time")
    if "description" in sent:
        words.append("described" if action.description else "left without a description")
    if action.favourite is not None:
        words.append("made favourites" if action.favourite else "made favourites no longer")
    if action.tags is not None:
        words.append(f"tagged {_names(action.tags)} alone" if action.tags else "left without tags")
    if action.tags_add:
        words.append(f"tagged {_names(action.tags_add)}")
    if action.tags_remove:
        words.append(f"tagged {_names(action.tags_remove)} no longer")
    return words


def _names(tags: Tags) -> str:
    shown = ", ".join(tags[:3])
    return shown if len(tags) <= 3 else f"{shown} and {len(tags) - 3} more"


def _tags(names: Tags) -> tuple[str, ...]:
    return tuple({key_of(name): name for name in map(check_tag, names)}.values())
