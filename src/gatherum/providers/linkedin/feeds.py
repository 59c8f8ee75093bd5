"""What LinkedIn shows to somebody who is logged in, read as its own pages read it: by Voyager.

A page names its scripts, and those name the queries of Voyager, which change every few weeks.
"""

import re
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from html import unescape
from typing import Final
from urllib.parse import quote, unquote

from pydantic import BaseModel

from gatherum.errors import Gone, LoginRequired, Unavailable, UnexpectedResponse
from gatherum.model import Page, Target
from gatherum.ports import Client, Document
from gatherum.providers.linkedin.cards import is_public, look_at
from gatherum.providers.linkedin.posts import ROOT
from gatherum.providers.linkedin.updates import Film, Update, post_of
from gatherum.providers.linkedin.voyager import Part, embedded_in, films_in, read_part, updates_in
from gatherum.safety import foreign

COUNT: Final = 20
HEADERS: Final = {
    "Accept": "application/vnd.linkedin.normalized+json+2.1",
    "X-Restli-Protocol-Version": "2.0.0",
}
SCRIPT = re.compile(r"https://static\.licdn\.com/aero-v1/sc/h/\w+")
SCRIPTS: Final = 60  # a page has some two dozen
QUERIES: Final = 6  # of one name; what somebody has published is one of them
OTHERS = re.compile("comment|reaction", re.IGNORECASE)
PERSON: Final = "voyagerFeedDashProfileUpdates"
COMPANY: Final = "voyagerFeedDashOrganizationalPageUpdates"
SINGLE: Final = "voyagerFeedDashUpdates"


class Place(BaseModel):
    """Where a feed goes on: whose it is, by which query, and behind what."""

    urn: str
    query: str = ""
    start: int = 0
    token: str = ""

    @property
    def variables(self) -> str:
        """Return what the query is asked with."""
        place = f"count:{COUNT},start:{self.start},"
        token = f",paginationToken:{quote(self.token, safe='')}" if self.token else ""
        whose = quote(self.urn, safe="")
        if ":fsd_profile:" in self.urn:
            return f"{place}profileUrn:{whose}{token}"
        module = "moduleKey:ORGANIZATION_MEMBER_FEED_DESKTOP"
        return f"{place}{module},organizationalPageUrn:{whose}{token}"


async def user(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what somebody has published, newest first; what was only passed on is left out."""
    page = f"{ROOT}/in/{target['user']}/recent-activity/all/"
    async for found in _feed(page, PERSON, target["user"], client, cursor):
        yield found


async def company(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:
    """Yield what an organisation has published, newest first; what was only passed on is left out."""
    page = f"{ROOT}/{target['kind']}/{target['company']}/posts/?feedView=all"
    async for found in _feed(page, COMPANY, target["company"], client, cursor):
        yield found


async def single(target: Target, client: Client, cursor: str | None) -> AsyncIterator[Page]:  # noqa: ARG001
    """Yield one post, as its page brings it along, else as Voyager answers."""
    urn = target["urn"]
    document = await _inside(f"{ROOT}/feed/update/{urn}/", client)
    included = await foreign.apart(embedded_in, document)
    updates: Sequence[Update] = tuple(updates_in(included))
    films: Mapping[str, Film] = films_in(included)
    if not any(urn in update.names for update in updates):
        variables = f"moduleKey:feed-item%3Adesktop,urnOrNss:{quote(urn, safe='')}"
        _, part = await _first(await _queries(SINGLE, document, client), variables, client)
        updates, films = part.updates, part.films
        if not updates:
            raise Unavailable("LinkedIn does not show this post just now.")
    update = next((one for one in updates if urn in one.names), None)
    if update is None:
        raise UnexpectedResponse("LinkedIn shows another post than the one that was asked for.")
    yield Page(posts=(await post_of(update, films, client),), cursor=None)


async def _feed(
    page: str, name: str, whose: str, client: Client, cursor: str | None
) -> AsyncIterator[Page]:
    place, part = await _begun(page, name, whose, client, cursor)
    seen: set[str] = set()
    while True:
        fresh = [one for one in part.updates if one.urn not in seen]
        seen = {one.urn for one in part.updates}
        own = [one for one in fresh if not one.is_passed_on]
        more = place.model_copy(update={"start": place.start + COUNT, "token": part.token})
        ended = not (fresh and part.token)
        posts = tuple([await post_of(one, part.films, client) for one in own])
        cursor = None if ended else more.model_dump_json()
        yield Page(posts=posts, cursor=cursor, empty=not posts)
        if ended:
            return
        place, part = more, await _asked(more.query, more.variables, client)


async def _begun(
    page: str, name: str, whose: str, client: Client, cursor: str | None
) -> tuple[Place, Part]:
    """Return a place in a feed and what stands there. The query of an old cursor may be no more."""
    place = Place.model_validate_json(cursor) if cursor else None
    if place is not None:
        try:
            return place, await _asked(place.query, place.variables, client)
        except UnexpectedResponse:
            pass
    document = await _inside(page, client)
    place = place or Place(urn=await foreign.apart(_urn_on, document, name, whose))
    query, part = await _first(await _queries(name, document, client), place.variables, client)
    return place.model_copy(update={"query": query}), part


async def _inside(url: str, client: Client) -> Document:
    """Return a page as it is for those who are logged in."""
    document = await look_at(url, client)
    if await foreign.apart(is_public, document):
        raise LoginRequired("LinkedIn shows this only to somebody who is logged in.")
    return document


async def _first(queries: Sequence[str], variables: str, client: Client) -> tuple[str, Part]:
    """Return the first query that is answered with posts, and its answer."""
    failure = UnexpectedResponse("LinkedIn's pages no longer say what they ask for.")
    for query in queries:
        try:
            part = await _asked(query, variables, client)
        except UnexpectedResponse as error:
            failure = error
            continue
        if not OTHERS.search(part.feed):
            return query, part
    raise failure


async def _asked(query: str, variables: str, client: Client) -> Part:
    asked = f"includeWebMetadata=true&variables=({variables})&queryId={query}"
    try:
        document = await look_at(f"{ROOT}/voyager/api/graphql?{asked}", client, HEADERS)
    except Gone as error:
        raise UnexpectedResponse("LinkedIn no longer knows this query.") from error
    return await foreign.apart(read_part, document.text)


async def _queries(name: str, document: Document, client: Client) -> list[str]:
    """Return the ids of a query, as the page asks it itself, else as its scripts name it."""
    named = re.compile(rf"\b{name}\.[0-9a-f]{{16,}}")
    text = unescape(document.text)
    if found := named.findall(text):
        return list(dict.fromkeys(found))[:QUERIES]
    for script in list(dict.fromkeys(SCRIPT.findall(text)))[:SCRIPTS]:
        code = (await client.text(script)).text
        if found := named.findall(code):
            return list(dict.fromkeys(found))[:QUERIES]
    raise UnexpectedResponse("LinkedIn's pages no longer say what they ask for.")


def _urn_on(document: Document, name: str, whose: str) -> str:
    """Return the urn of whoever a page is of: not of the one who looks at it."""
    field, kind = (
        ("publicIdentifier", "profile") if name == PERSON else ("universalName", "company")
    )
    urns = re.compile(rf"urn:li:fsd_{kind}:([\w-]+)")
    others = set[str]()
    for one in embedded_in(document):
        urn, own = urns.fullmatch(str(one.get("entityUrn"))), one.get(field)
        if urn is None or not isinstance(own, str):
            continue
        if unquote(own).casefold() == unquote(whose).casefold():
            return _page_of(name, urn[1])
        others.add(urn[1])
    counted = Counter(number for number in urns.findall(document.text) if number not in others)
    if whose.isdecimal() and name == COMPANY:
        return _page_of(name, whose)
    if not counted:
        raise UnexpectedResponse("LinkedIn does not say whose page this is.")
    return _page_of(name, counted.most_common(1)[0][0])


def _page_of(name: str, number: str) -> str:
    return f"urn:li:fsd_{'profile' if name == PERSON else 'organizationalPage'}:{number}"
