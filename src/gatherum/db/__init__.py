"""How rows are read and written: `Database`, the schema's base and the migrations."""

from sqlalchemy.exc import SQLAlchemyError as DatabaseFault

from gatherum.db.database import Database, Tx, make_engine
from gatherum.db.schema import Base, BigId, insert_new

__all__ = [
    "Base",
    "BigId",
    "Database",
    "DatabaseFault",
    "Tx",
    "insert_new",
    "make_engine",
]
