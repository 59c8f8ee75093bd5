"""Settings: what the environment says before the database opens, and the sections kept in it."""

import difflib
import os
import re
import ssl
from collections.abc import Mapping
from ipaddress import ip_address, ip_network
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Literal

from dotenv import dotenv_values
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SecretStr,
    ValidationError,
    field_validator,
)
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from gatherum.errors import InvalidInput


def _xdg_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "gatherum"


def _split(value: object) -> object:
    if isinstance(value, str):
        return tuple(part.strip() for part in value.split(",") if part.strip())
    return value


SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?", re.IGNORECASE)
SERVER = re.compile(r"(?:(https?)://)?([a-z0-9](?:[a-z0-9.-]*[a-z0-9])?(?::\d+)?)/?", re.IGNORECASE)
LARGEST = 2**63  # what a database counts up to


def parse_size(text: str) -> int:
    """Return the bytes that a text such as `50MB`, `1.5 GiB` or `4096` means."""
    match = SIZE.fullmatch(text.strip())
    if match is None:
        raise InvalidInput(f"{text!r} is not a size, such as 50MB or 1.5GiB.")
    number, unit, binary = match.groups()
    size = float(number) * (1024 if binary else 1000) ** " kmgt".index(unit.lower() or " ")
    if size >= LARGEST:
        raise InvalidInput("No file and no disk is that large.")
    return int(size)


def _size(value: object) -> object:
    try:
        size = parse_size(value) if isinstance(value, str) else value
    except InvalidInput as error:
        raise ValueError(str(error)) from error  # what pydantic expects
    if isinstance(size, int) and size >= LARGEST:
        raise ValueError("No file and no disk is that large.")
    return size


Size = Annotated[int, BeforeValidator(_size)]
Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(_split)]


DATABASES = ("sqlite:///", "postgresql+psycopg://")


class BootSettings(BaseSettings):
    """The environment contract of docs/operations.md."""

    model_config = SettingsConfigDict(
        env_prefix="GATHERUM_", env_file=".env", frozen=True, extra="ignore"
    )

    data_dir: Path = Field(default_factory=_xdg_data_dir)
    database_url: str = ""
    library_dir: Path | None = None
    host: str = "127.0.0.1"
    port: int = Field(default=8420, ge=0, le=65535)
    public_url: str = ""
    network_proxy: str = ""
    network_ca_bundle: Path | None = None
    network_allow: Names = ()
    secret_key: SecretStr = SecretStr("")  # seals logins; without it a key file is made
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    log_format: Literal["console", "json"] = "console"
    umask: str = "077"
    base_path: str = ""
    trusted_proxies: Names = ()

    @field_validator("data_dir", "library_dir", "network_ca_bundle")
    @classmethod
    def _absolute(cls, value: Path | None) -> Path | None:
        return value and value.expanduser().absolute()

    @field_validator("network_ca_bundle")
    @classmethod
    def _certificates(cls, value: Path | None) -> Path | None:
        try:
            ssl.create_default_context(cafile=value)
        except OSError as error:
            raise ValueError("This is no file of certificates in PEM form.") from error
        return value

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, value: str) -> str:
        if value and not value.startswith(DATABASES):
            raise ValueError(f"It begins with {' or '.join(DATABASES)}.")
        return value

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
    except ValidationError as error:
        # Without the values: an address of a database may hold a password.
        wrong = (
            f"GATHERUM_{'_'.join(map(str, each['loc'])).upper()}: {each['msg']}"
            for each in error.errors()
        )
        raise InvalidInput(f"The environment is not usable. {' '.join(wrong)}") from None


def read_pins() -> dict[str, str]:
    """Return the settings that the environment pins, by key: `GATHERUM_NETWORK_PACE` is `network.pace`.

    `GATHERUM_NETWORK_PACE_FILE` names a file that holds the value; a file `.env` counts as well.
    """
    told = _environment()
    pins = {}
    for key, name in pin_names().items():
        if name in told:
            pins[key] = told[name]
        elif f"{name}_FILE" in told:
            try:
                pins[key] = Path(told[f"{name}_FILE"]).read_text().strip()
            except OSError as error:
                raise InvalidInput(f"{name}_FILE names a file that cannot be read.") from error
    return pins


def pin_names() -> dict[str, str]:
    """Return the variable that pins each setting, by its key."""
    return {
        f"{section}.{field}": f"GATHERUM_{section}_{field}".upper()
        for section, model in SECTIONS.items()
        for field in model.model_fields
    }


def unknown_names() -> dict[str, str]:
    """Return variables of the environment that mean nothing here, each with the one perhaps meant."""
    known = [f"GATHERUM_{field}".upper() for field in BootSettings.model_fields]
    known += pin_names().values()
    found = {}
    for name in _environment():
        plain = name.removesuffix("_FILE")
        ours = name.startswith("GATHERUM_") and not name.startswith("GATHERUM_TEST_")
        if ours and plain not in known:
            found[name] = next(iter(difflib.get_close_matches(plain, known, 1)), "")
    return found


def _environment() -> dict[str, str]:
    told = {name: value for name, value in dotenv_values(".env").items() if value is not None}
    return told | dict(os.environ)


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


class Section(BaseModel):
    """A group of settings that people change; the database holds what differs from the defaults."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class NetworkSettings(Section):
    """How hard other people's servers are asked."""

    pace: float = Field(
        default=1.0,
        ge=0,
        le=100,
        description="Factor on every waiting interval; 0 waits nowhere: only for one's own servers.",
    )
    connections: int = Field(
        default=32, ge=1, le=256, description="Downloads at once, over all servers."
    )
    connections_per_host: int = Field(
        default=8, ge=1, le=64, description="Downloads at once from one server."
    )
    timeout: float = Field(
        default=30.0,
        ge=1,
        le=600,
        description="Seconds without a byte until a download is stalled.",
    )
    retries: int = Field(
        default=5, ge=0, le=20, description="Tries after the first one, for what may yet succeed."
    )
    max_file_size: Size | None = Field(
        default=None, ge=1, description="Larger files are skipped; none: there is no limit."
    )
    requests_per_day: int | None = Field(
        default=None,
        ge=0,
        le=10_000_000,
        description="Requests a day with one login; none: what suits its platform, 0: no limit.",
    )


class LibrarySettings(Section):
    """How files are kept."""

    template: str = Field(
        default="{platform}/{host}/{author}/{date:%Y}/{date:%Y-%m-%d}_{post}_{index}.{ext}",
        min_length=1,
        max_length=500,
        description="Where a file belongs below library/; see the guide to templates.",
    )
    free_space_reserve: Size | None = Field(
        default=None,
        ge=0,
        description="Bytes that stay free on the disk; none: 5 % of it, but at most 1 GB.",
    )
    trash_days: int = Field(
        default=30,
        ge=0,
        le=3650,
        description="Days until the recycle bin lets a file go; 0: never.",
    )


def free_space_reserve(chosen: int | None, total: int) -> int:
    """Return the bytes that stay free on a disk of `total` bytes; None chooses by its size."""
    return min(10**9, total // 20) if chosen is None else chosen


class InstagramSettings(Section):
    """What may be asked about Instagram."""

    viewer_sites: bool = Field(
        default=False,
        description="Consent to ask third-party viewers (ImgInn, FastDL, Toolzu), which learn "
        "whom you follow.",
    )


class XSettings(Section):
    """What may be asked about X."""

    viewer_sites: bool = Field(
        default=False,
        description="Consent to ask the Nitter instances below, which learn whom you follow.",
    )
    nitter_instances: str = Field(
        default="",
        description="Instances of Nitter that you trust, such as nitter.example, in the order in "
        "which they are asked; between commas.",
    )

    @field_validator("nitter_instances")
    @classmethod
    def _are_servers(cls, text: str) -> str:
        return ", ".join(parse_servers(text))


def parse_servers(text: str) -> tuple[str, ...]:
    """Return the addresses of the servers that a text names between commas; https if it says none."""
    return tuple(_server(name.strip()) for name in text.split(",") if name.strip())


def _server(name: str) -> str:
    found = SERVER.fullmatch(name)
    if found is None:
        raise ValueError(f"{name!r} is no server, such as nitter.example.")
    return f"{(found[1] or 'https').lower()}://{found[2].lower()}"


class JobsSettings(Section):
    """How many jobs of a lane one worker performs at once; read when a worker starts."""

    interactive: int = Field(default=12, ge=1, le=64, description="Links that somebody pasted.")
    sync: int = Field(default=8, ge=1, le=64, description="Subscriptions that are due.")
    housekeeping: int = Field(default=2, ge=1, le=16, description="Checks, purges and the like.")


class ProcessingSettings(Section):
    """Looking into stored files, for facts and thumbnails, before anybody asks for them."""

    enabled: bool = Field(
        default=True, description="Look into new files by itself; else when somebody asks."
    )
    workers: int = Field(default=2, ge=1, le=32, description="Files at once.")
    previews: bool = Field(
        default=False,
        description="Make scrub sheets and previews of videos as well, rather than on demand.",
    )


class SecuritySettings(Section):
    """Who gets in, and for how long."""

    require_second_factor: bool = Field(
        default=False, description="Everybody needs a second factor, or a passkey."
    )
    session_idle_days: int = Field(
        default=7, ge=1, le=90, description="A session ends after so many days without a request."
    )
    session_days: int = Field(
        default=30, ge=1, le=365, description="A session ends after so many days in any case."
    )
    allow_plain_http: bool = Field(
        default=False, description="Serve a network by plain http: passwords can be read on it."
    )


class OidcSettings(Section):
    """Signing in at an OpenID provider of one's own."""

    enabled: bool = Field(default=False, description="Offer it on the sign-in page.")
    issuer: str = Field(
        default="",
        max_length=500,
        description="The provider's address, such as https://id.example.org.",
    )
    client_id: str = Field(default="", max_length=500, description="Our name at the provider.")
    client_secret: SecretStr = Field(
        default=SecretStr(""), max_length=500, description="Our secret at the provider."
    )
    label: str = Field(
        default="Sign in with OpenID", max_length=60, description="What the button says."
    )
    scopes: str = Field(
        default="openid profile email",
        max_length=200,
        description="What the provider is asked for.",
    )
    make_accounts: bool = Field(
        default=False, description="Whoever the provider lets in gets an account here."
    )
    default_role: Literal["admin", "editor", "viewer"] = Field(
        default="viewer", description="The role of an account made that way."
    )
    role_claim: str = Field(
        default="groups", max_length=100, description="The claim that names a person's groups."
    )
    admin_groups: str = Field(
        default="", max_length=500, description="Groups, parted by commas, that make an admin."
    )
    editor_groups: str = Field(
        default="", max_length=500, description="Groups, parted by commas, that make an editor."
    )
    link_by_email: bool = Field(
        default=False,
        description="A verified address that equals an account's name opens that account.",
    )


class DuoSettings(Section):
    """Duo Universal Prompt as a second factor."""

    enabled: bool = Field(default=False, description="Offer Duo to those who turn it on.")
    api_host: str = Field(
        default="", max_length=200, description="The host of the application at Duo."
    )
    client_id: str = Field(default="", max_length=100, description="The client id at Duo.")
    client_secret: SecretStr = Field(
        default=SecretStr(""), max_length=200, description="The client secret at Duo."
    )
    allow_when_down: bool = Field(
        default=False, description="Let people in without it while Duo does not answer."
    )


class BackupSettings(Section):
    """Copies of the database, made while it runs and verified by opening them."""

    enabled: bool = Field(default=True, description="Make one on a schedule.")
    schedule: str = Field(
        default="0 3 * * *",
        max_length=100,
        description="When, as an interval or a cron expression.",
    )
    keep: int = Field(default=7, ge=1, le=365, description="How many are kept.")


class RetentionSettings(Section):
    """How long old records stay. Files are not touched by any of this."""

    jobs_days: int = Field(default=90, ge=1, le=3650, description="Jobs that have ended.")
    decisions_days: int = Field(
        default=180, ge=1, le=3650, description="Decisions; older ones cannot be undone."
    )
    audit_days: int = Field(default=730, ge=30, le=3650, description="The audit.")
    database_alarm: Size | None = Field(
        default=20_000_000_000, ge=1, description="Tell when the database is larger; none: never."
    )


class CanarySettings(Section):
    """Links that are listed now and then by every way, to see whether the ways still work."""

    enabled: bool = Field(
        default=False, description="List them on a schedule: one page by each way to them."
    )
    schedule: str = Field(
        default="12h",
        max_length=100,
        description="When, as an interval or a cron expression.",
    )
    links: str = Field(
        default="",
        max_length=5000,
        description="Links, parted by spaces. Of a platform that has none among them the newest "
        "subscription is taken.",
    )


class ExtractorSettings(Section):
    """Newer versions of yt-dlp and gallery-dl, beside the ones that came with Gatherum."""

    update: bool = Field(
        default=False,
        description="Install a newer version by itself, and use it once it has passed its probe.",
    )
    schedule: str = Field(
        default="1d",
        max_length=100,
        description="When to look for one, as an interval or a cron expression.",
    )


SECTIONS: Mapping[str, type[Section]] = MappingProxyType(
    {
        "network": NetworkSettings,
        "library": LibrarySettings,
        "instagram": InstagramSettings,
        "x": XSettings,
        "jobs": JobsSettings,
        "processing": ProcessingSettings,
        "security": SecuritySettings,
        "oidc": OidcSettings,
        "duo": DuoSettings,
        "backup": BackupSettings,
        "canary": CanarySettings,
        "extractors": ExtractorSettings,
        "retention": RetentionSettings,
    }
)
