"""The web application: the routes, the gate before them, and the shield round it all."""

import time
from importlib.metadata import version

from fastapi import FastAPI

from gatherum.app import App
from gatherum.web.answers import Json
from gatherum.web.errors import install
from gatherum.web.gate import Gate
from gatherum.web.interface import read_interface
from gatherum.web.limits import Limits
from gatherum.web.live import make_live
from gatherum.web.meters import Meters
from gatherum.web.openapi import describe
from gatherum.web.routes import (
    accounts,
    archives,
    audit,
    brought,
    decisions,
    demonstration,
    description,
    editing,
    events,
    extractors,
    factors,
    files,
    health,
    hooks,
    jobs,
    keys,
    lanes,
    links,
    logins,
    logs,
    me,
    media,
    metrics,
    needs,
    oidc,
    posts,
    processing,
    providers,
    searches,
    second_step,
    session,
    settings,
    setup,
    stats,
    subscriptions,
    timeline,
    tokens,
    transfer,
    trash,
)
from gatherum.web.serving_express import Express, Web
from gatherum.web.site import Site

PARTS = (
    accounts,
    archives,
    audit,
    brought,
    decisions,
    demonstration,
    description,
    editing,
    events,
    extractors,
    factors,
    files,
    health,
    hooks,
    jobs,
    keys,
    lanes,
    links,
    logins,
    logs,
    me,
    media,
    metrics,
    needs,
    oidc,
    posts,
    processing,
    providers,
    searches,
    second_step,
    session,
    settings,
    setup,
    stats,
    subscriptions,
    timeline,
    tokens,
    transfer,
    trash,
)


def make_web(app: App, site: Site, *, limits: Limits | None = None) -> FastAPI:
    """Return the application over an opened program, without the shield."""
    web = Web(
        title="Gatherum",
        version=version("gatherum"),
        docs_url=None,
        redoc_url=None,
        openapi_url=None,
        default_response_class=Json,
        redirect_slashes=False,
    )
    web.state.app = app
    web.state.site = site
    web.state.listed = [route for part in PARTS for route in part.routes.router.routes]
    web.state.gauge = health.Gauge()
    web.state.meters = Meters()
    app.people.relying.settle(site.url)
    web.state.gate = Gate(
        app.people.authenticator, cookie=site.cookie, now=app.clock.now, limits=limits
    )
    web.state.live = make_live(app, site)
    install(web)
    web.express = Express(app, web.state.gate, time.monotonic, cookie=site.cookie)
    for part in PARTS:
        web.include_router(part.routes.router)
    describe(web)

    web.router.routes.append(read_interface(site.base_path))
    return web
