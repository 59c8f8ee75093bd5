"""The settings that differ from their defaults, as rows."""

from sqlalchemy import JSON
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db.schema import Base


class SettingRow(Base):
    """One section's difference to its defaults."""

    __tablename__ = "setting"
    section: Mapped[str] = mapped_column(primary_key=True)
    values: Mapped[dict[str, object]] = mapped_column(JSON)
    version: Mapped[int]
