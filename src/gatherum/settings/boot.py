"""What the environment says before the database opens."""

import difflib
import os
import ssl
from pathlib import Path
from typing import Literal

from dotenv import dotenv_values
from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gatherum.errors import InvalidInput
from gatherum.settings.sections import SECTIONS
from gatherum.settings.values import Names, parse_allowed


def _xdg_data_dir() -> Path:
    base = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(base) / "gatherum"


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

    @field_validator("network_allow")
    @classmethod
    def _allowed(cls, value: Names) -> Names:
        try:
            parse_allowed(value)
        except InvalidInput as error:
            raise ValueError(str(error)) from error  # what pydantic expects
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
