"""What is learned by looking into files, brought to where it is kept."""

from gatherum.library.learning import FileFacts, Learning
from gatherum.processing.facts import Facts
from gatherum.processing.trouble import Trouble


class Lessons:
    """`studio.Learned` over the library."""

    def __init__(self, learning: Learning) -> None:
        self._learning = learning

    async def learn(self, sha256: str, facts: Facts) -> None:
        """Keep what a file is like."""
        await self._learning.learn(sha256, _kept(facts), thumbhash=facts.thumbhash)

    async def refuse(self, sha256: str, trouble: Trouble, facts: Facts) -> None:
        """Keep why a file cannot be shown, and what it is like nevertheless."""
        await self._learning.refuse(sha256, trouble.value, _kept(facts), may_pass=trouble.may_pass)

    async def miss(self, sha256: str) -> None:
        """Keep that a file is not there; what is known of it stays, and it is not looked into."""
        await self._learning.miss(sha256)

    async def keep_previewed(self, sha256: str) -> None:
        """Keep that the scrub sheet and the preview of a video were made, or cannot be."""
        await self._learning.keep_previewed(sha256)

    async def holds(self, sha256: str) -> bool:
        """Return whether the library has a file of this content, and not only until it is purged."""
        return await self._learning.holds(sha256)


def _kept(facts: Facts) -> FileFacts:
    return FileFacts(**facts.model_dump(exclude={"thumbhash"}))
