"""Accounts over HTTP: login, refresh, logout, the own password; and, for centers, everybody's accounts and the audit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Annotated, Any, Literal

import structlog
from aiohttp import web
from pydantic import Field, StringConstraints

from bridge.policy import Account as Asker
from bridge.units import Directory
from signaling.account_changes import change_account, find_account, make_account, read_record
from signaling.account_errors import unknown_account
from signaling.account_store import AuditStream
from signaling.accounts import (
    MAX_PASSWORD_CHARS,
    AccountRecord,
    AccountRole,
    Changes,
    changed,
    check_password,
    folded_name,
    new_account,
    require_managing,
)
from signaling.accounts import covers as scope_covers
from signaling.admission import Addresses, Admission
from signaling.auth import MAX_SCOPE, CredentialError, Identity
from signaling.bearer import Bearers
from signaling.errors import ServiceError
from signaling.logins import Granted, Logins
from signaling.message_fields import ClientModel, Code, ServerModel, Text100, Time
from signaling.orders import account_of
from signaling.passwords import Passwords
from signaling.rest import QueryModel, Route, answer_json, read_body, read_query
from signaling.store import Store

_log = structlog.get_logger(__name__)

TypedName = Annotated[str, StringConstraints(min_length=1, max_length=64)]
Password = Annotated[str, StringConstraints(min_length=1, max_length=2 * MAX_PASSWORD_CHARS)]
"""Twice as long as one may be: letters may come in two parts. What is taken says :func:`signaling.accounts.check_password`."""
RefreshToken = Annotated[str, StringConstraints(min_length=1, max_length=128)]
ScopeList = Annotated[tuple[Code, ...], Field(min_length=1, max_length=MAX_SCOPE)]


class LoginBody(ClientModel):
    """Name and password."""

    name: TypedName
    password: Password


class RefreshBody(ClientModel):
    """The refresh token."""

    refresh_token: RefreshToken


class PasswordBody(ClientModel):
    """The present password and the one to come."""

    present: Password
    new: Password


class NewAccountBody(ClientModel):
    """A new account."""

    name: TypedName
    display_name: Text100 = ""
    role: AccountRole
    scope: Annotated[list[Code], Field(min_length=1, max_length=MAX_SCOPE)]
    password: Password


class ChangeBody(ClientModel):
    """What is to be another; what is not named stays."""

    display_name: Text100 | None = None
    role: AccountRole | None = None
    scope: Annotated[list[Code], Field(min_length=1, max_length=MAX_SCOPE)] | None = None
    password: Password | None = None
    is_disabled: bool | None = None


class AccountQuery(QueryModel):
    """Which accounts."""

    limit: Annotated[int, Field(ge=1, le=1000)] = 200
    after: Annotated[str, StringConstraints(max_length=64)] = ""
    """Names after this one: the last of the page before."""


class AuditQuery(QueryModel):
    """Which entries."""

    stream: AuditStream = "changes"
    before: Annotated[str, StringConstraints(pattern=r"\A[1-9]\d{0,14}-(?:0|[1-9]\d{0,8})\z")] | None = None
    """Older than this one: the id of the last of the page before."""
    limit: Annotated[int, Field(ge=1, le=1000)] = 200


class AccountView(ServerModel):
    """An account as it is shown; of the password nothing."""

    name: Code
    display_name: Text100
    role: AccountRole
    scope: ScopeList
    is_disabled: bool
    made_by: str
    made_at: Time
    changed_by: str
    changed_at: Time


class AccountList(ServerModel):
    """Accounts by name."""

    at: Time
    accounts: tuple[AccountView, ...]
    has_more: bool


class LoggedIn(ServerModel):
    """The tokens and whose they are."""

    at: Time
    account: AccountView
    access_token: str
    access_expires_at: Time
    refresh_token: str
    refresh_expires_at: Time


class LoggedOut(ServerModel):
    """It has ended."""

    at: Time


class AuditEntry(ServerModel):
    """One entry of the audit; what an entry of its kind does not have is left at its default."""

    id: str
    at: Time
    what: Literal["account_made", "account_changed", "login", "login_failed", "logout", "refresh_token_reused"]
    account: str
    """Empty for a login by a name that nobody has: it may have been a password."""
    by: str
    address: str = ""
    reason: Literal["", "name", "password", "disabled"] = ""
    locked_s: int = 0
    """For how long this failure locks the account from this address."""
    before: dict[str, Any] = Field(default_factory=dict)
    after: dict[str, Any] = Field(default_factory=dict)
    password_changed: bool = False


class AuditList(ServerModel):
    """Entries, the newest first."""

    at: Time
    stream: AuditStream
    entries: tuple[AuditEntry, ...]


class AccountsApi:
    """The routes; see the module's text."""

    def __init__(
        self,
        *,
        store: Store,
        logins: Logins,
        passwords: Passwords,
        bearers: Bearers,
        admission: Admission,
        addresses: Addresses,
        directory: Callable[[], Directory | None],
        now_ms: Callable[[], int],
    ) -> None:
        self._store = store
        self._logins = logins
        self._passwords = passwords
        self._bearers = bearers
        self._admission = admission
        self._addresses = addresses
        self._directory_or_none = directory
        self._now_ms = now_ms

    def routes(self) -> list[Route]:
        """Every route, as the OpenAPI document tells of it."""
        one = "/api/accounts/{name}"
        return [
            Route("POST", "/api/login", self.login, "Log in by name and password", LoggedIn, body=LoginBody, access="anybody"),
            Route(
                "POST", "/api/refresh", self.refresh, "Get the next tokens; a refresh token is good once", LoggedIn,
                body=RefreshBody, access="anybody",
            ),
            Route("POST", "/api/logout", self.logout, "End a login", LoggedOut, body=RefreshBody, access="anybody"),
            Route(
                "POST", "/api/password", self.password, "Give the own account another password; its other logins end", LoggedIn,
                body=PasswordBody, access="observer",
            ),
            Route("GET", "/api/accounts", self.list, "The accounts within the bearer's scope", AccountList, query=AccountQuery),
            Route("POST", "/api/accounts", self.make, "Make an account", AccountView, status=201, body=NewAccountBody),
            Route("GET", one, self.show, "One account", AccountView),
            Route("PUT", one, self.change, "Change an account; its logins end with password, role or scope", AccountView,
                  body=ChangeBody),
            Route("DELETE", one, self.disable, "Disable an account; records speak of it, so it stays", AccountView),
            Route("GET", "/api/audit", self.audit, "Logins, failures and changes, for the national center", AuditList,
                  query=AuditQuery),
        ]  # fmt: skip

    # --- anybody --------------------------------------------------------------------------------------------------------

    async def login(self, request: web.Request) -> web.Response:
        """Name and password for tokens."""
        address = self._knock(request)
        body = await read_body(request, LoginBody)
        return self._logged_in(await self._logins.login(body.name, body.password, address))

    async def refresh(self, request: web.Request) -> web.Response:
        """A refresh token for the next tokens."""
        address = self._knock(request)
        body = await read_body(request, RefreshBody)
        try:
            return self._logged_in(await self._logins.refresh(body.refresh_token, address))
        except CredentialError:
            self._admission.refuse(address)

    async def logout(self, request: web.Request) -> web.Response:
        """End a login."""
        address = self._knock(request)
        body = await read_body(request, RefreshBody)
        await self._logins.logout(body.refresh_token, address)
        return answer_json(LoggedOut(at=self._now_ms()))

    async def password(self, request: web.Request) -> web.Response:
        """Another password for oneself."""
        address = self._knock(request)
        identity = self._bearers.check(request, address)
        body = await read_body(request, PasswordBody)
        return self._logged_in(await self._logins.change_password(identity, body.present, body.new, address))

    # --- centers --------------------------------------------------------------------------------------------------------

    async def list(self, request: web.Request) -> web.Response:
        """Accounts by name."""
        asker, directory = self._center(request)
        query = read_query(request, AccountQuery)
        found: dict[str, AccountRecord] = {}
        async for chunk in self._store.accounts():
            for record in map(read_record, chunk):
                if record.name > query.after and scope_covers(asker.scope, record.scope, directory):
                    found[record.name] = record
        names = sorted(found)
        views = tuple(view_of(found[name]) for name in names[: query.limit])
        return answer_json(AccountList(at=self._now_ms(), accounts=views, has_more=len(names) > query.limit))

    async def show(self, request: web.Request) -> web.Response:
        """One account."""
        asker, directory = self._center(request)
        record = await find_account(self._store, request.match_info["name"])
        if record is None:
            raise unknown_account()
        require_managing(asker, record, None, directory)
        return answer_json(view_of(record))

    async def make(self, request: web.Request) -> web.Response:
        """A new account."""
        asker, directory = self._center(request)
        body = await read_body(request, NewAccountBody)
        record = new_account(
            name=folded_name(body.name),
            display_name=body.display_name,
            role=body.role,
            scope=body.scope,
            password_hash="",
            directory=directory,
            by=asker.subject,
            now=self._now_ms(),
        )
        require_managing(asker, None, record, directory)
        check_password(body.password, record.name, record.display_name)
        record = replace(record, password_hash=await self._hash(body.password))
        await make_account(self._store, record)
        _log.info("accounts.made", account=record.name, role=record.role, by=asker.subject)
        return answer_json(view_of(record), 201)

    async def change(self, request: web.Request) -> web.Response:
        """Another name, role, scope, password; disable and enable."""
        asker, directory = self._center(request)
        body = await read_body(request, ChangeBody)
        return await self._change(request.match_info["name"], asker, directory, body)

    async def disable(self, request: web.Request) -> web.Response:
        """Disable an account."""
        asker, directory = self._center(request)
        return await self._change(request.match_info["name"], asker, directory, ChangeBody(is_disabled=True))

    async def _change(self, name: str, asker: Asker, directory: Directory, body: ChangeBody) -> web.Response:
        changes = Changes(
            display_name=body.display_name,
            role=body.role,
            scope=tuple(body.scope) if body.scope is not None else None,
            is_disabled=body.is_disabled,
            password_hash="-" if body.password is not None else None,
        )

        def change(before: AccountRecord) -> AccountRecord:
            require_managing(asker, before, None, directory)
            after = changed(before, changes, directory=directory, by=asker.subject, now=self._now_ms())
            require_managing(asker, before, after, directory)
            return after

        if body.password is not None:  # hashed only for who may: it is the costly part
            before = await find_account(self._store, name)
            if before is None:
                raise unknown_account()
            check_password(body.password, name, change(before).display_name)
            changes = replace(changes, password_hash=await self._hash(body.password))
        record = await change_account(self._store, name, change)
        self._logins.note(record)
        _log.info("accounts.changed", account=name, by=asker.subject, version=record.version)
        return answer_json(view_of(record))

    async def audit(self, request: web.Request) -> web.Response:
        """The audit, for centers over everything."""
        asker, directory = self._center(request)
        roots = [unit.code for unit in directory.units if unit.parent is None]
        if not scope_covers(asker.scope, roots, directory):
            raise ServiceError("forbidden")
        query = read_query(request, AuditQuery)
        found = await self._store.read_audit(query.stream, query.before, query.limit)
        entries = tuple(AuditEntry(id=number, **entry) for number, entry in found)
        return answer_json(AuditList(at=self._now_ms(), stream=query.stream, entries=entries))

    # --- inside ---------------------------------------------------------------------------------------------------------

    def _knock(self, request: web.Request) -> str:
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        self._admission.knock(address)
        return address

    def _center(self, request: web.Request) -> tuple[Asker, Directory]:
        address = self._addresses.of(request.remote, request.headers.get("X-Forwarded-For"))
        identity: Identity = self._bearers.check(request, address)
        directory = self._directory_or_none()
        if identity.role != "center":
            raise ServiceError("forbidden")
        if directory is None:
            raise ServiceError("unavailable", retry_after_s=1)
        return account_of(identity), directory

    async def _hash(self, password: str) -> str:
        with self._passwords.place():
            return await self._passwords.hash(password)

    def _logged_in(self, granted: Granted) -> web.Response:
        return answer_json(
            LoggedIn(
                at=self._now_ms(),
                account=view_of(granted.record),
                access_token=granted.access_token,
                access_expires_at=granted.access_expires_at,
                refresh_token=granted.refresh_token,
                refresh_expires_at=granted.refresh_expires_at,
            )
        )


def view_of(record: AccountRecord) -> AccountView:
    """What is shown of an account."""
    shown = record.to_json()
    return AccountView(**{name: shown[name] for name in AccountView.model_fields})
