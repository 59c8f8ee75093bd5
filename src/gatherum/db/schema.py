"""The base of all tables. Classes are the schema; queries are `select(...)`; no `relationship()`."""

from collections.abc import Mapping, Sequence

from sqlalchemy import BigInteger, Connection, Integer, MetaData
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import DeclarativeBase

# 64-bit everywhere; SQLite numbers rows by itself only for the plain INTEGER primary key.
BigId = BigInteger().with_variant(Integer(), "sqlite")


class Base(DeclarativeBase):
    """Every table of ours. Times are seconds since 1970, UTC, as floats."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def insert_new(tx: Connection, table: type[Base], rows: Sequence[Mapping[str, object]]) -> None:
    """Insert rows; one that breaks a UNIQUE (another worker was first) is left as it is."""
    if rows:
        make = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
        tx.execute(make(table).on_conflict_do_nothing(), list(rows))
