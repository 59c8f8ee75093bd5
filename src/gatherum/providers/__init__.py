"""The registry of providers: each is one way to a platform, and adds itself by its decorator."""

import importlib
import pkgutil
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType

from gatherum.errors import Unsupported
from gatherum.model import Target
from gatherum.ports import Client, Listing
from gatherum.providers.urls import normalise

__all__ = [
    "ANY",
    "Client",
    "Listing",
    "Needs",
    "Provider",
    "Step",
    "Target",
    "add_way",
    "all_providers",
    "find_chain",
    "find_targets",
    "get_chain",
    "normalise",
    "pattern_finder",
    "provider",
    "register",
]

ANY = "*"  # the platform of a provider that serves each site its engine knows

Finder = Callable[[str], Target | None]
Step = tuple["Provider", Target]


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What must be there before a provider can work."""

    login: bool = False
    browser: bool = False
    probe: bool = False  # a host must be asked once what it is
    consent: str = ""  # the setting by which the person agrees that strangers learn what is asked

    def names(self) -> tuple[str, ...]:
        """Return the needs as words, for people and scripts."""
        return tuple(
            name for name in ("login", "browser", "probe", "consent") if getattr(self, name)
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """One way to one feed of a platform.

    Only a `direct` one asks the platform itself, so only it may say that something is gone.
    """

    name: str  # platform and way: "reddit.native"
    platform: str
    feed: str
    example: str
    needs: Needs
    listing: Listing
    find: Finder  # says what a normalised link is, or None; never makes a request
    order: int = 100  # the place in the chain, and which platform claims a link first
    direct: bool = True
    site: str = ""  # whose servers it asks; '' stands for the platform's own
    servers: str = ""  # the setting that names whom it asks instead, one server after the other


_providers: dict[tuple[str, str], Provider] = {}


def provider(
    *,
    platform: str,
    feed: str,
    pattern: str,
    example: str,
    needs: Needs = Needs(),  # frozen
    order: int = 100,
    via: str = "native",
    direct: bool = True,
    site: str = "",
    key: str = "",
    canonical: str = "",
    ignore_case: bool = False,
) -> Callable[[Listing], Listing]:
    """Register the decorated async generator as a provider; see `pattern_finder` for the link."""

    def add(listing: Listing) -> Listing:
        register(
            Provider(
                name=f"{platform}.{via}",
                platform=platform,
                feed=feed,
                example=example,
                needs=needs,
                listing=listing,
                find=pattern_finder(
                    pattern,
                    platform=platform,
                    feed=feed,
                    key=key,
                    canonical=canonical,
                    ignore_case=ignore_case,
                ),
                order=order,
                direct=direct,
                site=site,
            )
        )
        return listing

    return add


def register(new: Provider) -> None:
    """Add a provider; its name is unique within a feed."""
    if (new.name, new.feed) in _providers:
        raise ValueError(f"Two providers are called {new.name} for {new.feed}.")
    _providers[new.name, new.feed] = new


def add_way(
    listing: Listing,
    *,
    platform: str,
    feed: str,
    via: str,
    example: str,
    order: int,
    needs: Needs = Needs(),  # frozen
    direct: bool = True,
    site: str = "",
    servers: str = "",
) -> None:
    """Add one more way to a feed whose links another provider claims.

    One with `servers` is asked once for each of them: its target has it as `host`, and its address
    as the value "server".
    """
    register(
        Provider(
            name=f"{platform}.{via}",
            platform=platform,
            feed=feed,
            example=example,
            needs=needs,
            listing=listing,
            find=lambda _url: None,
            order=order,
            direct=direct,
            site=site,
            servers=servers,
        )
    )


def pattern_finder(
    pattern: str,
    *,
    platform: str,
    feed: str,
    key: str = "",
    canonical: str = "",
    ignore_case: bool = False,
) -> Finder:
    """Return a finder of links that match `pattern` from end to end.

    A last slash and a query need not be in the pattern. Its named groups become the target's
    values; one called `host` its host. `key` and `canonical` are templates over those values and
    `url`; without them the key is the values joined by a slash, the canonical link the link.
    """
    compiled = re.compile(rf"(?:{pattern})/?(?:\?.*)?")

    def find(url: str) -> Target | None:
        match = compiled.fullmatch(url)
        if match is None:
            return None
        values = {name: value for name, value in match.groupdict().items() if value is not None}
        if ignore_case:
            values = {name: value.lower() for name, value in values.items()}
        parts = [value for name, value in values.items() if name != "host"]
        named = _Named(values, url=url)
        return Target(
            platform=platform,
            feed=feed,
            key=key.format_map(named) if key else "/".join(parts),
            url=canonical.format_map(named) if canonical else url,
            host=values.get("host", ""),
            values=MappingProxyType(values),
        )

    return find


def all_providers() -> tuple[Provider, ...]:
    """Return every provider, in the order in which they claim links."""
    _discover(__name__)
    return tuple(sorted(_providers.values(), key=lambda one: (one.order, one.name, one.feed)))


def find_targets(url: str) -> list[Step]:
    """Return who claims a link, and as what, the first claim first; makes no request.

    An empty list means that the host must be asked (`recognise`). Raises `InvalidInput` for what is
    no link at all, `Refused` for one that is never followed.
    """
    url = normalise(url)
    claims = ((one, one.find(url)) for one in all_providers())
    return [(one, target) for one, target in claims if target is not None]


def find_chain(url: str) -> list[Step]:
    """Return the providers of a link in order: all that lead to what the first claim says."""
    claims = find_targets(url)
    return get_chain(claims[0][1]) if claims else []


def get_chain(target: Target) -> list[Step]:
    """Return the providers of a known target in order, each with the target as it reads its link.

    Raises `Unsupported` if there is none.
    """
    chain = [
        (one, one.find(target.url) or target) for one in all_providers() if _same_feed(one, target)
    ]
    if not chain:
        raise Unsupported(f"Nothing here can list {target.feed} of {target.platform}.")
    return chain


def _same_feed(one: Provider, target: Target) -> bool:
    return one.feed == target.feed and one.platform in (target.platform, ANY)


class _Named(dict[str, str]):
    """The values of a link for a template; one that was not in the link is empty."""

    def __init__(self, values: Mapping[str, str], *, url: str) -> None:
        super().__init__(values, url=url)

    def __missing__(self, name: str) -> str:
        return ""


@lru_cache
def _discover(package: str) -> Sequence[str]:
    """Import every module of the package, so that each registers itself."""
    found = importlib.import_module(package)
    names = [
        info.name for info in pkgutil.walk_packages(found.__path__, prefix=f"{found.__name__}.")
    ]
    for name in names:
        importlib.import_module(name)
    return names
