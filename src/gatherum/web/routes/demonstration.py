"""The demonstration: the main job, with a platform of our own and no internet."""

from dataclasses import dataclass

from gatherum.accounts.model import Scope
from gatherum.demo import shown
from gatherum.errors import Conflict
from gatherum.web.limits import Rate
from gatherum.web.routes.links import LinkReceipt, receipt_view
from gatherum.web.routing import AppDep, Routes

routes = Routes("The first run")


@dataclass(frozen=True, slots=True, kw_only=True)
class Demonstration:
    """The address of the platform that runs beside the program, and what became of its links."""

    address: str
    items: tuple[LinkReceipt, ...]


@routes.add(
    "POST",
    "/demo",
    scope=Scope.SETTINGS_WRITE,
    rate=Rate.WRITE,
    errors=(Conflict,),
    status=202,
)
async def begin_demonstration(app: AppDep) -> Demonstration:
    """Run a small platform of our own until the program ends, and get what it shows."""
    address = await app.demonstration.get()
    receipts = await app.desk.take(shown(address), limit=None, login=None)
    return Demonstration(address=address, items=tuple(map(receipt_view, receipts)))
