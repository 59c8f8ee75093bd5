"""Where browsers see us: what passkeys, Duo and OpenID bind their proofs to."""

from urllib.parse import urlsplit

from gatherum.errors import Conflict


class RelyingParty:
    """Our public address. It is settled once, when the server knows where it listens."""

    def __init__(self) -> None:
        self._url = ""

    def settle(self, url: str) -> None:
        """Say under which address people reach us: without a slash at the end."""
        self._url = url

    @property
    def url(self) -> str:
        """Our address with its base path; `Conflict` where nothing is served."""
        if not self._url:
            raise Conflict("Nobody can sign in here: no server runs in this process.")
        return self._url

    @property
    def origin(self) -> str:
        """The origin that browsers name in what they sign."""
        parts = urlsplit(self.url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def host(self) -> str:
        """The host name, without a port: the id that passkeys are bound to."""
        return urlsplit(self.url).hostname or ""
