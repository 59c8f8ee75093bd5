"""Accounts and all that proves who somebody is, as rows. No secret stands here in the clear."""

from sqlalchemy import JSON, CheckConstraint, ForeignKey, Index, LargeBinary, Text
from sqlalchemy.orm import Mapped, mapped_column

from gatherum.db import Base, BigId


class AccountRow(Base):
    """A person who uses this installation."""

    __tablename__ = "account"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text, unique=True)  # case-folded: names differ by more
    password: Mapped[str | None] = mapped_column(Text)  # argon2id; None: no log-in by password
    role: Mapped[str]
    disabled: Mapped[bool]
    handle: Mapped[bytes] = mapped_column(LargeBinary, unique=True)  # WebAuthn's user handle
    created_at: Mapped[float]
    signed_in_at: Mapped[float | None]
    version: Mapped[int]

    # A number is never used twice: the audit and the log of decisions name it when it is gone.
    __table_args__ = (
        CheckConstraint("role in ('admin','editor','viewer')", name="role"),
        {"sqlite_autoincrement": True},
    )


class SessionRow(Base):
    """A browser that is signed in, or on its way there. The cookie's SHA-256, never the cookie."""

    __tablename__ = "session"
    hash: Mapped[str] = mapped_column(primary_key=True)
    id: Mapped[str] = mapped_column(unique=True)  # for people and bearer tokens; opens nothing
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), index=True
    )
    state: Mapped[str]
    methods: Mapped[str]  # how it was proven: password, password+totp, passkey, oidc
    created_at: Mapped[float]
    seen_at: Mapped[float]
    sudo_until: Mapped[float]
    address: Mapped[str]
    agent: Mapped[str] = mapped_column(Text)

    __table_args__ = (CheckConstraint("state in ('pending','full')", name="state"),)


class ApiKeyRow(Base):
    """A program's key: its SHA-256, what it may do, until when."""

    __tablename__ = "api_key"
    id: Mapped[str] = mapped_column(primary_key=True)
    hash: Mapped[str]
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), index=True
    )
    name: Mapped[str] = mapped_column(Text)
    scopes: Mapped[list[str]] = mapped_column(JSON)
    created_at: Mapped[float]
    expires_at: Mapped[float | None]
    used_at: Mapped[float | None]


class TotpRow(Base):
    """The shared secret of an authenticator app, sealed."""

    __tablename__ = "totp"
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), primary_key=True
    )
    secret: Mapped[bytes] = mapped_column(LargeBinary)
    confirmed: Mapped[bool]
    last_step: Mapped[int] = mapped_column(BigId)  # codes of this step and before are used up
    created_at: Mapped[float]


class PasskeyRow(Base):
    """A passkey's public half."""

    __tablename__ = "passkey"
    id: Mapped[str] = mapped_column(Text, primary_key=True)  # the credential id, base64url
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), index=True
    )
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int] = mapped_column(BigId)
    name: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]
    used_at: Mapped[float | None]


class RecoveryCodeRow(Base):
    """A recovery code's SHA-256; the row goes when it is used."""

    __tablename__ = "recovery_code"
    hash: Mapped[str] = mapped_column(primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), index=True
    )


class DuoRow(Base):
    """Who uses Duo, and under which name there."""

    __tablename__ = "duo"
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), primary_key=True
    )
    username: Mapped[str] = mapped_column(Text)
    created_at: Mapped[float]


class IdentityRow(Base):
    """An account's name at an OpenID provider: (issuer, subject), never an address."""

    __tablename__ = "identity"
    issuer: Mapped[str] = mapped_column(Text, primary_key=True)
    subject: Mapped[str] = mapped_column(Text, primary_key=True)
    account_id: Mapped[int] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade"), index=True
    )
    created_at: Mapped[float]


class HandshakeRow(Base):
    """A visit to somebody else's log-in page that has not come back yet (OpenID, Duo). Serves once."""

    __tablename__ = "handshake"
    state_hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # oidc, duo, passkey; duo-new and passkey-new while one is set up
    browser_hash: Mapped[str]  # the cookie of the browser that began it
    sealed: Mapped[bytes] = mapped_column(LargeBinary)  # verifier, nonce, where to go afterwards
    expires_at: Mapped[float] = mapped_column(index=True)


class InvitationRow(Base):
    """A token that makes an account or resets a password: its SHA-256, for a day, once."""

    __tablename__ = "invitation"
    hash: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]  # setup | invite | reset
    role: Mapped[str]
    account_id: Mapped[int | None] = mapped_column(
        BigId, ForeignKey("account.id", ondelete="cascade")
    )
    created_at: Mapped[float]
    expires_at: Mapped[float]


class ThrottleRow(Base):
    """How often somebody failed to prove who they are, by address, name, or account."""

    __tablename__ = "throttle"
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    failures: Mapped[int]
    first_at: Mapped[float] = mapped_column(index=True)


class AuditRow(Base):
    """What was done that matters for safety, by whom and from where. Never changed."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    at: Mapped[float] = mapped_column(index=True)
    account_id: Mapped[int | None] = mapped_column(BigId)  # stays when the account is gone
    name: Mapped[str] = mapped_column(Text)  # as it was then
    event: Mapped[str]
    address: Mapped[str]
    session: Mapped[str]  # the session's id or the key's, '' if there was none
    detail: Mapped[dict[str, object]] = mapped_column(JSON)

    __table_args__ = (Index("ix_audit_account", "account_id", "id"),)
