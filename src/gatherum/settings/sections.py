"""The settings that people change, section by section; the database holds what differs from the defaults."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr, field_validator

from gatherum.settings.values import Size, parse_servers


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
