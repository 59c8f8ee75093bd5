"""Recovery codes: 120 random bits each, so that a plain hash of them says nothing."""

import base64
import secrets
from typing import Final

import sqlalchemy as sa

from gatherum.accounts.sessions import hash_token
from gatherum.accounts.tables import RecoveryCodeRow
from gatherum.db import Tx

COUNT: Final = 10
BYTES: Final = 15


def make_codes(tx: Tx, account_id: int) -> tuple[str, ...]:
    """Give an account new codes in place of its old ones, and return them: the only time ever."""
    codes = tuple(_code() for _ in range(COUNT))
    tx.execute(sa.delete(RecoveryCodeRow).where(RecoveryCodeRow.account_id == account_id))
    rows = [{"hash": hash_code(code), "account_id": account_id} for code in codes]
    tx.execute(sa.insert(RecoveryCodeRow), rows)
    return codes


def count_codes(tx: Tx, account_id: int) -> int:
    """Return how many codes an account has left."""
    query = sa.select(sa.func.count()).select_from(RecoveryCodeRow)
    return tx.execute(query.where(RecoveryCodeRow.account_id == account_id)).scalar_one()


def hash_code(code: str) -> str:
    """Return what is kept of a code, however it is written: blanks, hyphens and case do not count."""
    return hash_token("".join(code.split()).replace("-", "").upper())


def _code() -> str:
    text = base64.b32encode(secrets.token_bytes(BYTES)).decode()
    return "-".join(text[at : at + 6] for at in range(0, len(text), 6))
