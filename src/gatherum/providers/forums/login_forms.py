"""The log-in of each forum software: which it is, and how it wants a name and a password."""

import re
from typing import Final
from urllib.parse import urlsplit

from pydantic import BaseModel, ValidationError

from gatherum.errors import Challenge, InvalidInput, UnexpectedResponse, Unsupported
from gatherum.ports import M
from gatherum.providers.forums import discourse, nodebb
from gatherum.providers.forums.links import DIALECTS, find_forum
from gatherum.providers.forums.login_form import (
    CAPTCHA,
    CODE,
    UNKNOWN,
    WRONG,
    WRONG_CODE,
    Bound,
    CodeNeeded,
    Credentials,
    LoginForm,
    Pause,
    Shown,
    Visitor,
    enter,
)
from gatherum.providers.forums.vbulletin5 import VBULLETIN5
from gatherum.providers.urls import normalise
from gatherum.safety import foreign

HEAD = 256 << 10  # of a page, that shows by whose software it is made
_VBULLETIN5_MEMBER = re.compile(r"userid=[1-9]")
SCRIPTED: Final = {"X-Requested-With": "XMLHttpRequest", "Accept": "application/json"}
_BASE = re.compile(r'"baseurl":\s*"([^"]+)"')
_TOKEN = re.compile(r'"securitytoken":\s*"([^"]+)"')
_FOLDER = re.compile(rb'"relative_path":"([^"]*)"')
FORMS: Final = {
    form.platform: form
    for form in (
        LoginForm(
            platform="xenforo",
            way='a[href*="login/"], a[href*="login"]',
            page="login/",
            form='form[action$="/login/login"], form[action$="login/login"]',
            name="login",
            password="password",  # noqa: S106  # the name of a field
            sent={"remember": "1"},
            cookie=re.compile(r"_user=.*\d"),
            second='form[action*="login/two-step"]',
            code="code",
        ),
        LoginForm(
            platform="phpbb",
            way='a[href*="mode=login"]',
            page="ucp.php?mode=login",
            form='form#login, form[action*="mode=login"]:has(input[name="creation_time"])',
            name="username",
            password="password",  # noqa: S106
            sent={"autologin": "on", "login": "Login"},
            pause_s=1.5,
            cookie=re.compile(r"_u=(?!1$)\d+$"),  # 1 is who is a guest
        ),
        LoginForm(
            platform="smf",
            way='a[href*="action=login"]',
            page="index.php?action=login",
            form='form[action*="action=login2"]',
            name="user",
            password="passwrd",  # noqa: S106
            sent={"cookielength": "3153600", "cookieneverexp": "on"},
            cookie=re.compile(r"^SMFCookie\d+=.{20}"),
            second='form[action*="action=logintfa"]',
            code="tfa_code",
        ),
        LoginForm(
            platform="mybb",
            way='a[href*="member.php?action=login"]',
            page="member.php?action=login",
            form='form:has(input[name="username"]):has(input[value="do_login"])',
            name="username",
            password="password",  # noqa: S106
            sent={"remember": "yes"},
            cookie=re.compile(r"mybbuser=[1-9]"),
        ),
        LoginForm(
            platform="invision",
            way='a[href*="/login/"]',
            page="login/",
            form='form:has(input[name="csrfKey"]):has(input[name="auth"])',
            name="auth",
            password="password",  # noqa: S106
            sent={"remember_me": "1", "_processLogin": "usernamepassword"},
            cookie=re.compile(r"member_id=[1-9]"),
            second='form:has(input[name$="_auth_code"])',
            code="google_authenticator_auth_code",
        ),
        LoginForm(
            platform="vbulletin",
            way='a[href*="login.php"]',
            page="login.php?do=login",
            form='form:has(input[name="vb_login_username"])',
            name="vb_login_username",
            password="vb_login_password",  # noqa: S106
            sent={"do": "login", "cookieuser": "1"},
            hashed=("vb_login_md5password", "vb_login_md5password_utf"),
            cookie=re.compile(r"userid=[1-9]"),
        ),
    )
}


class Token(BaseModel):
    csrf: str = ""
    csrf_token: str = ""


class Session(BaseModel):
    error: str | None = None
    reason: str | None = None


class Told(BaseModel):
    success: bool = False
    errors: list[list[str | int | float | None]] = []


class Next(BaseModel):
    next: str


async def sign_in(visitor: Visitor, url: str, given: Credentials, pause: Pause) -> str:
    """Sign in to the forum that a link is of; return its software, the platform of the login.

    Raises `InvalidInput` for a wrong password, `CodeNeeded` for a second factor, `Challenge` for a
    captcha, `Unsupported` for what is no forum that we know. The password goes to the host of the
    link and no other: `InvalidInput` if something leads elsewhere.
    """
    url = normalise(url if "://" in url else f"https://{url}")
    visitor = Bound(visitor, url)
    page = await visitor.get(url)
    head = page.text[:HEAD].encode()
    if discourse.SIGN.search(head):
        target = find_forum(page.url, head)
        await _discourse(visitor, target["root"] if target else _origin(page), given)
        return "discourse"
    if nodebb.SIGN.search(head):
        folder = _FOLDER.search(head)
        path = folder[1].decode().replace("\\/", "/") if folder else ""
        await _nodebb(visitor, _origin(page).rstrip("/") + path + "/", given)
        return "nodebb"
    platform = _platform(head)
    if platform == VBULLETIN5.name:
        await _vbulletin5(visitor, page, given)
        return platform
    if platform not in FORMS:
        raise Unsupported("This is no forum whose log-in is known here: give its cookies instead.")
    await enter(FORMS[platform], visitor, page, given, pause)
    return platform


def _platform(head: bytes) -> str:
    return next((one.name for one in DIALECTS if one.sign.search(head)), "")


async def _discourse(visitor: Visitor, root: str, given: Credentials) -> None:
    token = _read(Token, await visitor.get(f"{root}session/csrf", headers=SCRIPTED)).csrf
    form = {"login": given.name, "password": given.password}
    if given.code is not None:
        form |= {"second_factor_token": given.code, "second_factor_method": "1"}
    headers = {**SCRIPTED, "X-CSRF-Token": token, "Referer": root, "Origin": root.rstrip("/")}
    answer = _read(Session, await visitor.post(f"{root}session", form, headers=headers))
    if answer.error is None:
        return
    if (answer.reason or "").startswith("invalid_second_factor"):
        if given.code is None:
            raise CodeNeeded(CODE)
        raise InvalidInput(WRONG_CODE)
    raise InvalidInput(WRONG)


async def _vbulletin5(visitor: Visitor, page: Shown, given: Credentials) -> None:
    base, token = _BASE.search(page.text), _TOKEN.search(page.text)
    root = base[1].replace("\\/", "/").rstrip("/") if base else _origin(page).rstrip("/")
    form = {
        "username": given.name,
        "password": given.password,
        "rememberme": "1",
        "privacyconsent": "1",
        "securitytoken": token[1] if token else "guest",
    }
    headers = {**SCRIPTED, "Referer": page.url, "Origin": _origin(page).rstrip("/")}
    answer = await visitor.post(f"{root}/auth/ajax-login", form, headers=headers)
    errors = _read(Told, answer).errors
    said = str(errors[0][0]) if errors and errors[0] else ""
    if "humanverify" in said:
        raise Challenge(CAPTCHA)
    if "mfa" in said:
        raise CodeNeeded("This forum asks for a second factor: give its cookies instead.")
    if errors:
        raise InvalidInput(WRONG)
    if not visitor.holds(_VBULLETIN5_MEMBER):
        raise UnexpectedResponse(UNKNOWN)


async def _nodebb(visitor: Visitor, root: str, given: Credentials) -> None:
    token = _read(Token, await visitor.get(f"{root}api/config", headers=SCRIPTED)).csrf_token
    form = {
        "username": given.name,
        "password": given.password,
        "remember": "on",
        "noscript": "false",
    }
    headers = {**SCRIPTED, "X-CSRF-Token": token, "Referer": f"{root}login"}
    answer = await visitor.post(f"{root}login", form, headers=headers)
    if answer.status == 403:
        if "captcha" in answer.text.lower():
            raise Challenge(
                "This forum lets nobody in without a captcha: give its cookies instead."
            )
        raise InvalidInput(WRONG)
    if "2fa" in _read(Next, answer).next:
        raise CodeNeeded("This forum asks for a second factor: give its cookies instead.")


def _read(model: type[M], page: Shown) -> M:
    try:
        return foreign.model(model, page.text)
    except ValidationError as error:
        raise UnexpectedResponse(UNKNOWN) from error


def _origin(page: Shown) -> str:
    parts = urlsplit(page.url)
    return f"{parts.scheme}://{parts.netloc}/"
