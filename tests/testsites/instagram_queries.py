"""The lists that Instagram's queries give, as Relay connections."""

from collections.abc import Iterable

from tests.testsites.instagram_ids import item_pk
from tests.testsites.instagram_pages import FIELDS
from tests.testsites.instagram_world import Instagram, Json

PAGE = 12
REELS = 6  # however many are asked for


def answer(site: Instagram, name: str, variables: Json) -> Json:
    """Return what a query gives."""
    after = variables.get("after")
    cursor = after if isinstance(after, str) else None

    def person(value: object) -> str:
        return next(one for one in site.people() if site.number(one) == str(value))

    match name:
        case "PolarisProfilePageContentQuery":
            who = person(variables["id"])
            more: Json = {"hd_profile_pic_url_info": {"url": site.portrait(who)}}
            if site.portraits_told:
                pk = item_pk(site.world.people[who][-1], site.world.people[who][-1].items[0])
                more["profile_pic_id"] = f"{pk}_1"
            more["friendship_status"] = {"following": who in site.private - site.strangers}
            more |= {"media_count": len(site.world.people[who]), "follower_count": 3}
            more |= {"following_count": 0, "biography": ""}
            return {"data": {"user": {**site.user(who), **more}}}
        case "PolarisProfileStoryHighlightsTrayContentQuery":
            trays = site.highlights(person(variables["user_id"]))
            nodes = [{"node": {"id": one["id"], "title": one["title"]}} for one in trays]
            return {"data": {"highlights": {"edges": nodes}}}
        case "PolarisProfilePostsTabContentQuery_connection":
            who = str(variables["username"])
            shown = () if who in site.strangers else site.timeline(who)
            found = connection(map(site.post, shown), cursor)
        case "PolarisProfileReelsTabContentQuery_connection":
            shown = site.reels(person(variables["id"]))
            media: list[Json] = [{"media": _short(site.post(entry))} for entry in shown]
            inner = connection(media, cursor, REELS)
            found = {"id": variables["id"], "xdt_api__v1__clips__user__connection_v2": inner}
        case "PolarisProfileTaggedTabContentQuery_connection":
            whose = site.tagged.get(person(variables["user_id"]), "")
            shown = site.world.people.get(whose, ())
            found = connection((_short(site.post(entry)) for entry in shown), cursor)
        case _:
            wanted: list[str] = variables["reel_ids"]  # type: ignore[assignment]  # as it is sent
            reels = (reel_of(site, number) for number in wanted)
            size = int(str(variables["first"]))
            nodes_of = [reel for reel in reels if reel is not None]
            found = connection(nodes_of, cursor, size)
    return {"data": {FIELDS[name]: found}, "extensions": {"is_final": True}}


def _short(post: Json) -> Json:
    return {name: post[name] for name in ("pk", "id", "code", "user", "image_versions2")}


def reel_of(site: Instagram, number: str) -> Json | None:
    """Return the stories of a person, or a highlight, by its number."""
    for name in site.people():
        trays = [one for one in site.highlights(name) if one["id"] == number]
        if trays:
            return trays[0]
        if number == site.number(name) and (items := site.story(name)):
            latest = items[-1]["taken_at"]
            common: Json = {"id": number, "user": site.user(name), "items": items}
            common |= {"reel_type": "user_reel", "seen": 0, "latest_reel_media": latest}
            return {**common, "title": None, "cover_media": None}
    return None


def connection(nodes: Iterable[Json], after: str | None, size: int = PAGE) -> Json:
    """Return a page of a Relay connection; the cursor names the last node, so new ones shift nothing."""
    every = list(nodes)
    names = [_cursor(node) for node in every]
    start = names.index(after) + 1 if after in names else 0
    shown = every[start : start + size]
    end = start + len(shown)
    return {
        "edges": [{"node": node, "cursor": _cursor(node)} for node in shown],
        "page_info": {
            "end_cursor": names[end - 1] if shown else None,
            "has_next_page": end < len(every),
            "has_previous_page": False,
            "start_cursor": None,
        },
    }


def _cursor(node: Json) -> str:
    media = node.get("media")
    return f"{(media if isinstance(media, dict) else node)['id']}"
