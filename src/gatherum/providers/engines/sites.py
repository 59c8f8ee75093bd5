"""The many sites that only an engine knows: each is a platform of its own, by the engine's word."""

from gatherum.model import Target
from gatherum.providers.urls import normalise

OURS = {"twitter": "x"}  # our word where an engine has another


def site_target(engine: str, key: str, url: str) -> Target:
    """Return what a link is that `engine` (gallerydl, ytdlp) claims for its site called `key`."""
    url = normalise(url)
    return Target(platform=platform_of(key), feed=engine, key=url, url=url)


def platform_of(key: str) -> str:
    """Return the platform that an engine's site is."""
    return OURS.get(key.lower(), key.lower())
