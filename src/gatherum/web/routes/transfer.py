"""Export and import: streams, so that a million records need no more memory than one."""

from dataclasses import dataclass
from typing import Annotated

from fastapi import Query, Request, Response
from fastapi.responses import StreamingResponse

from gatherum.accounts.audit import Event
from gatherum.accounts.model import Proof, Scope
from gatherum.curating.transfer import Form, Refused, What
from gatherum.errors import InvalidInput, SudoRequired
from gatherum.settings import SECTIONS
from gatherum.web.gate import check_sudo
from gatherum.web.limits import Rate
from gatherum.web.routes.settings import GUARDED
from gatherum.web.routing import AppDep, CallerDep, Routes, VisitorDep

routes = Routes("Export and import")
TYPES = {"jsonl": "application/x-ndjson", "csv": "text/csv; charset=utf-8"}


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did, or would do."""

    dry_run: bool
    read: int  # lines
    new: int
    known: int  # they stay as they are
    refused_count: int
    refused: tuple[Refused, ...]  # the first hundred


@routes.add(
    "GET",
    "/export",
    scope=Scope.TRANSFER,
    rate=Rate.BATCH,
    errors=(InvalidInput, SudoRequired),
    model=None,
    described={
        200: {
            "description": "JSON lines, or one table of CSV.",
            "content": {
                "application/x-ndjson": {"schema": {"type": "string"}},
                "text/csv": {"schema": {"type": "string"}},
            },
        }
    },
)
async def export_everything(
    *,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    what: Annotated[What, Query(description="What is written.")] = "all",
    form: Annotated[
        Form, Query(alias="format", description="Of CSV, one thing a table.")
    ] = "jsonl",
) -> Response:
    """Write everything that was put in, without secrets and without the files."""
    if caller.proof is Proof.SESSION:  # a key was given the scope by somebody in sudo mode
        check_sudo(caller, now=app.clock.now())
    lines = await app.transfer.export(what, form)
    await app.people.audit.record(Event.EXPORTED, visitor, by=caller, what=what)
    return StreamingResponse(
        lines,
        media_type=TYPES[form],
        headers={"Content-Disposition": f'attachment; filename="gatherum-{what}.{form}"'},
    )


@routes.add(
    "POST",
    "/import",
    scope=Scope.TRANSFER,
    rate=Rate.BATCH,
    errors=(InvalidInput,),
    described={},
)
async def import_lines(
    *,
    request: Request,
    app: AppDep,
    caller: CallerDep,
    visitor: VisitorDep,
    dry_run: Annotated[bool, Query(description="Tell what would be done; change nothing.")] = False,
) -> ImportReport:
    """Take in lines as `GET /export` writes them. What is known stays: it may be sent twice.

    What decides who gets in needs sudo mode, which no import has: such settings are refused.
    """
    closed = GUARDED if caller.may(Scope.SETTINGS_WRITE) else tuple(SECTIONS)
    audit = app.people.audit
    report = await app.transfer.take_in(
        request.stream(),
        dry_run=dry_run,
        closed=closed,
        recorded=lambda section: audit.settings_change(section, visitor, by=caller),
    )
    if not dry_run:
        await audit.record(Event.IMPORTED, visitor, by=caller, new=report.new)
        await app.cache.forget("")
    return ImportReport(
        dry_run=dry_run,
        read=report.read,
        new=report.new,
        known=report.known,
        refused_count=report.refused_count,
        refused=tuple(report.refused),
    )
