"""What must be known before the database opens: read from the environment, `.env` and `*_FILE`."""

import os
from ipaddress import ip_address, ip_network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gatherum.errors import InvalidInput


def _xdg_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "gatherum"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


class BootSettings(BaseSettings):
    """The environment contract of docs/operations.md; unknown `GATHERUM_*` names are refused."""

    model_config = SettingsConfigDict(env_prefix="GATHERUM_", env_file=".env", frozen=True, extra="ignore")

    data_dir: Path = Field(default_factory=_xdg_data_dir)
    database_url: str = ""
    library_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    public_url: str = ""
    network_proxy: str = ""
    network_ca_bundle: Path | None = None
    network_allow: Names = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    umask: str = "077"
    base_path: str = ""
    trusted_proxies: Names = ()

    @field_validator("data_dir", "library_dir", "network_ca_bundle")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("umask")
    @classmethod
    def _octal(cls, value: str) -> str:
        int(value, 8)
        return value

    @property
    def url(self) -> str:
        """The database's URL, in SQLAlchemy's form."""
        return self.database_url or f"sqlite:///{self.data_dir / 'gatherum.db'}"

    @property
    def library_root(self) -> Path:
        """The folder that holds `library/`, `.staging/` and `.trash/` on one mount."""
        return self.library_dir or self.data_dir / "library-root"


def read_environment() -> BootSettings:
    """Return the settings of the environment; `InvalidInput` names what is wrong with them.

    `GATHERUM_X_FILE` names a file that holds the value of `GATHERUM_X` (for secrets in containers).
    """
    values: dict[str, str] = {}
    for name, path in os.environ.items():
        if name.startswith("GATHERUM_") and name.endswith("_FILE"):
            key = name.removeprefix("GATHERUM_").removesuffix("_FILE").lower()
            if key in BootSettings.model_fields:
                try:
                    values[key] = Path(path).read_text().strip()
                except OSError as error:
                    raise InvalidInput(f"{name} names a file that cannot be read.") from error
    try:
        return BootSettings(**values)  # type: ignore[arg-type]  # pydantic parses the strings
    except ValueError as error:
        raise InvalidInput(f"The environment is not usable: {error}") from error


def parse_allowed(names: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Split `GATHERUM_NETWORK_ALLOW` into (networks, host names), each in normal form."""
    networks, hosts = [], []
    for name in names:
        try:
            networks.append(str(ip_network(name, strict=False)))
        except ValueError:
            hosts.append(name.lower().rstrip("."))
    return tuple(networks), tuple(hosts)


def is_loopback(host: str) -> bool:
    """Return whether a bind address is this machine only."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
