"""Which versions of the extractors are used."""

from dataclasses import dataclass

from gatherum.accounts.model import Scope
from gatherum.moments import Moment, iso
from gatherum.web.limits import Rate
from gatherum.web.routing import AppDep, Routes

routes = Routes("Health")


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
    return ExtractorsView(items=tuple(known))
