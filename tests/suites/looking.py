"""A way to a platform, before a library that remembers how far it has listed."""

from gatherum.acquiring.acquisition import Acquisition, Ending
from gatherum.acquiring.links import keep_all
from gatherum.errors import Gone
from gatherum.model import Part, Wanted
from gatherum.ports import Client
from gatherum.providers import find_chain
from gatherum.providers.chain import list_by
from tests.suites.line import Line


async def look(line: Line, url: str, client: Client, *, way: str, job: str) -> Ending:
    """List what is behind a link by one way, as far as the library wants it; fetch nothing."""
    [(provider, target)] = [step for step in find_chain(url) if step[0].name == way]

    async def missing(_: Wanted) -> Part:
        raise Gone("There is nothing.")

    return await line.pipeline.run(
        Acquisition(
            job_id=job,
            target=target,
            pages=lambda cursor: (
                (way, page) async for page in list_by(provider, target, client, cursor)
            ),
            select=keep_all,
            fetch=missing,
            path=lambda *_: "library/x",
        )
    )
