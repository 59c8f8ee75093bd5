"""Which versions of the extractors are used."""

from dataclasses import dataclass

from gatherum.accounts.model import Scope
from gatherum.fetching.releases import shipped_version
from gatherum.moments import Moment, iso
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Routes

routes = Routes("Health")
OTHERS = ("instaloader",)  # which come with us alone


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractorItem:
    """An extractor: the version in use, what came with Gatherum, and what the index had last."""

    name: str
    used: str
    shipped: str
    previous: str | None
    newest: str | None
    checked_at: Moment | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ExtractorsView:
    """The extractors of the machine that answers."""

    items: tuple[ExtractorItem, ...]


@routes.add("GET", "/extractors", scope=Scope.LIBRARY_READ, rate=Rate.READ)
async def get_extractors(app: AppDep) -> ExtractorsView:
    """Say which version of each extractor is used; a newer one is installed on the command line."""
    known = [
        ExtractorItem(
            name=one.name,
            used=one.used,
            shipped=one.shipped,
            previous=one.previous,
            newest=one.newest or None,
            checked_at=iso(one.checked_at),
        )
        for one in app.extractors.known()
    ]
    others = [
        ExtractorItem(
            name=name, used=found, shipped=found, previous=None, newest=None, checked_at=None
        )
        for name in OTHERS
        if (found := shipped_version(name))
    ]
    return ExtractorsView(items=(*known, *others))
