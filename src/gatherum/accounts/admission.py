"""How accounts come to be, and how they come by a password."""

from dataclasses import dataclass

from gatherum.accounts.audit import Also, Audit, Event
from gatherum.accounts.directory import Accounts, check_name
from gatherum.accounts.invitations import Invitations
from gatherum.accounts.model import Account, Caller, Role, Visitor
from gatherum.accounts.passwords import Passwords, check_password
from gatherum.errors import NotSignedIn


@dataclass(frozen=True, slots=True, kw_only=True)
class Invitation:
    """A token that gives its account a password, once, until `expires_at`. It is shown once."""

    token: str
    expires_at: float


class Admission:
    """Makes accounts and gives them passwords. By whom and from where is in the audit."""

    def __init__(
        self,
        *,
        accounts: Accounts,
        invitations: Invitations,
        passwords: Passwords,
        audit: Audit,
    ) -> None:
        self._accounts = accounts
        self._invitations = invitations
        self._passwords = passwords
        self._audit = audit

    async def set_up(self, token: str, name: str, password: str, visitor: Visitor) -> Account:
        """Make the first administrator by the token that the console showed.

        `Conflict` if there is an account already, `NotSignedIn` if it is another token.
        """
        if not await self._invitations.is_setup(token):
            raise NotSignedIn("This is not the set-up token that the console shows.")
        name = check_name(name)
        check_password(password, name=name)

        def also(made: Account) -> Also:
            return self._audit.entry(Event.SETUP, visitor, by=made)

        kept = await self._passwords.hash(password)
        return await self._invitations.set_up(token, name, password=kept, also=also)

    async def add(
        self, name: str, role: Role, password: str | None, visitor: Visitor, *, by: Caller | str
    ) -> tuple[Account, Invitation | None]:
        """Make an account; without a password it comes with an invitation to choose one."""
        name, kept = check_name(name), None
        if password is not None:
            check_password(password, name=name)
            kept = await self._passwords.hash(password)
        event = self._audit.entry(
            Event.ACCOUNT_ADDED, visitor, by=by, account=name, role=role, invited=kept is None
        )
        account = await self._accounts.create(name, role, password=kept, also=event)
        if kept is not None:
            return account, None
        token, until = await self._invitations.offer_reset(account.id)
        return account, Invitation(token=token, expires_at=until)

    async def offer_reset(
        self, account_id: int, visitor: Visitor, *, by: Caller | str
    ) -> Invitation:
        """Return a token with which an account's owner chooses a new password.

        The present password holds until then, and second factors stay.
        """
        account = await self._accounts.get(account_id)
        event = self._audit.entry(Event.RESET_OFFERED, visitor, by=by, account=account.name)
        token, until = await self._invitations.offer_reset(account_id, also=event)
        return Invitation(token=token, expires_at=until)

    async def accept(self, token: str, password: str, visitor: Visitor) -> Account:
        """Give the account of an invitation or reset its password; its sessions end."""
        account = await self._invitations.find_reset(token)
        check_password(password, name=account.name)

        def also(owner: Account) -> Also:
            return self._audit.entry(Event.PASSWORD_RESET, visitor, by=owner)

        kept = await self._passwords.hash(password)
        return await self._invitations.reset(token, password=kept, also=also)

    async def set_password(
        self, account: Account, password: str, visitor: Visitor, *, by: str
    ) -> None:
        """Give an account a password, from the console; its sessions end, its factors stay."""
        check_password(password, name=account.name)
        kept = await self._passwords.hash(password)
        was = await self._accounts.password_of(account.id)
        event = self._audit.entry(Event.PASSWORD_RESET, visitor, by=by, account=account.name)
        await self._accounts.set_password(account.id, kept, was=was, also=event)
