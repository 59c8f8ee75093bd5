"""The log-in of each forum software, in its own form: tokens that count once, and cookies for who is in."""

import hashlib
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Route, compile_path
from starlette.types import Scope

NAME, PASSWORD = "ada", "fog on the lake"
CAREFUL, CODE = "careful", "123456"  # somebody with a second factor
XENFORO_CAPTCHA = '<div data-xf-init="re-captcha" data-sitekey="0a1b"></div>'
Form = Mapping[str, str]


@dataclass
class Entrance:
    """Who may go in. `now` is the time of the site; `seen` is what was sent to it, for the test."""

    captcha: bool = False
    now: Callable[[], float] = lambda: 0.0
    seen: list[dict[str, str]] = field(default_factory=list)
    tokens: set[str] = field(default_factory=set)

    def token(self) -> str:
        """Return a token that counts once."""
        made = secrets.token_hex(8)
        self.tokens.add(made)
        return made

    def take(self, token: str | None) -> bool:
        """Return whether a token was given out, and use it up."""
        known = token in self.tokens
        self.tokens.discard(token or "")
        return known

    async def read(self, request: Request) -> dict[str, str]:
        """Return a form that was sent."""
        form = dict(parse_qsl((await request.body()).decode(), keep_blank_values=True))
        self.seen.append(form)
        return form

    @staticmethod
    def knows(name: str | None, password: str | None) -> bool:
        """Return whether this is the password of this person."""
        return name in {NAME, CAREFUL} and password == PASSWORD


def with_entrance(site: Starlette, routes: list[Route], *, folder: str = "") -> Starlette:
    """Return a forum that has a log-in, too."""
    for one in routes:
        one.path_regex, _, _ = compile_path(f"{folder}{one.path}")
    return Starlette(routes=[*routes, *site.routes])


def _set(answer: Response, name: str, value: str, *, days: int | None = 30) -> Response:
    age = None if days is None else days * 86_400
    answer.set_cookie(name, value, max_age=age, secure=True, httponly=True)
    return answer


def xenforo_entrance(entrance: Entrance) -> list[Route]:  # noqa: C901  # a function a route
    """XenForo 2.3."""

    def page(error: str = "") -> Response:
        captcha = XENFORO_CAPTCHA if entrance.captcha else ""
        block = f'<div class="blockMessage blockMessage--error blockMessage--iconic">{error}</div>'
        answer = HTMLResponse(
            '<!DOCTYPE html><html id="XF" data-xf="2.3" data-app="public" data-template="login"><body>'
            f'{block if error else ""}<form action="/login/login" method="post" class="block"><input '
            'type="text" class="input" name="login" autocomplete="username"><input type="password" '
            'name="password" class="input input--passwordHideShow">'
            f'{captcha}<label class="iconic"><input type="checkbox" name="remember" value="1" checked>'
            f'<i></i></label><input type="hidden" name="_xfToken" value="{entrance.token()}"><input type='
            '"hidden" name="_xfRedirect" value="https://xenforo.example/"></form></body></html>'
        )
        return _set(answer, "xf_csrf", "0a1b", days=None)

    async def form(_: Request) -> Response:
        return page()

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        if not entrance.take(sent.get("_xfToken")) or "xf_csrf" not in request.cookies:
            return page("Security error occurred. Please press back and try again.")
        if not entrance.knows(sent.get("login"), sent.get("password")):
            return page("Incorrect password. Please try again.")
        if sent["login"] == CAREFUL:
            answer: Response = RedirectResponse("/login/two-step?_xfRedirect=x&remember=1", 303)
            return _set(answer, "xf_session", "waiting", days=None)
        return _set(RedirectResponse("/", 303), "xf_user", "2%2C0a1b")

    async def two_step(_: Request) -> Response:
        return HTMLResponse(
            '<!DOCTYPE html><html id="XF" data-xf="2.3"><body><form action="/login/two-step" method='
            '"post"><input type="text" name="code" inputmode="numeric"><input type="hidden" name='
            '"provider" value="totp"><input type="hidden" name="confirm" value="1"><input type="hidden" '
            f'name="_xfToken" value="{entrance.token()}"></form></body></html>'
        )

    async def confirm(request: Request) -> Response:
        sent = await entrance.read(request)
        fits = (sent.get("code"), sent.get("provider"), sent.get("confirm")) == (CODE, "totp", "1")
        if (
            not fits
            or not entrance.take(sent.get("_xfToken"))
            or "xf_session" not in request.cookies
        ):
            return RedirectResponse("/login/two-step", 303)
        return _set(RedirectResponse("/", 303), "xf_user", "3%2C0a1b")

    async def index(_: Request) -> Response:
        return HTMLResponse(
            '<!DOCTYPE html><html id="XF" data-xf="2.3" data-template="forum_list"><body><a href="/login/" '
            'class="p-navgroup-link p-navgroup-link--logIn" data-xf-click="overlay">Log in</a></body></html>'
        )

    return [
        Route("/", index),
        Route("/login/", form),
        Route("/login/login", login, methods=["POST"]),
        Route("/login/two-step", two_step),
        Route("/login/two-step", confirm, methods=["POST"]),
    ]


def phpbb_entrance(entrance: Entrance) -> list[Route]:
    """PhpBB 3.3: a form that comes back within a second was not filled in by anybody."""

    async def form(_: Request) -> Response:
        return page()

    def page(error: str = "") -> Response:
        captcha = (
            '<input type="text" name="confirm_code" id="confirm_code">' if entrance.captcha else ""
        )
        answer = HTMLResponse(
            '<!DOCTYPE html><html dir="ltr" lang="en"><body id="phpbb" class="nojs section-ucp ltr">'
            '<form action="./ucp.php?mode=login&amp;sid=0a1b" method="post" id="login" data-focus='
            f'"username"><div class="panel"><div class="error">{error}</div><input type="text" tabindex="1"'
            ' name="username" id="username" size="25" value="" class="inputbox autowidth"><input type='
            f'"password" tabindex="2" id="password" name="password">{captcha}<input type="checkbox" name='
            '"autologin" id="autologin" tabindex="4"><input type="hidden" name="redirect" value='
            f'"./ucp.php?mode=login"><input type="hidden" name="creation_time" value="{int(entrance.now())}">'
            f'<input type="hidden" name="form_token" value="{entrance.token()}"><input type="hidden" name='
            '"sid" value="0a1b"><input type="hidden" name="redirect" value="index.php"><input type="submit" '
            'name="login" tabindex="6" value="Login" class="button1"></div></form></body></html>'
        )
        return _set(answer, "phpbb3_demo_u", "1")

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        late = int(entrance.now()) - int(sent.get("creation_time", 0)) >= 1
        if not late or not entrance.take(sent.get("form_token")) or sent.get("login") != "Login":
            return page("The submitted form was invalid. Try submitting again.")
        if not entrance.knows(sent.get("username"), sent.get("password")):
            return page("You have specified an incorrect password.")
        answer = _set(RedirectResponse("./index.php", 302), "phpbb3_demo_u", "48")
        return _set(answer, "phpbb3_demo_k", "0a1b" if sent.get("autologin") else "")

    async def index(_: Request) -> Response:
        return HTMLResponse(
            '<!DOCTYPE html><html dir="ltr" lang="en"><body id="phpbb" class="nojs section-index ltr"><a '
            'href="./ucp.php?mode=login&amp;redirect=index.php" title="Login" accesskey="x" role="menuitem">'
            "</a></body></html>"
        )

    return [
        Route("/", index),
        Route("/index.php", index),
        Route("/ucp.php", form),
        Route("/ucp.php", login, methods=["POST"]),
    ]


def smf_entrance(  # noqa: C901  # a function a route
    entrance: Entrance, host: str
) -> list[Route]:
    """SMF 2.1: the name of one token is a token itself."""
    names: set[str] = set()

    def shell(body: str) -> HTMLResponse:
        return HTMLResponse(
            f'<!DOCTYPE html><html lang="en-US"><head><script>\n\t\tvar smf_scripturl = "https://{host}/'
            f'index.php";\n</script></head><body><div id="top_info"><a href="https://{host}/index.php?'
            f'action=login" onclick="return reqOverlayDiv();">Log in</a></div>{body}</body></html>'
        )

    def page(error: str = "") -> Response:
        name = f"f{entrance.token()[:7]}"
        names.add(name)
        captcha = '<div class="g-recaptcha" data-sitekey="0a1b"></div>' if entrance.captcha else ""
        return _set(
            shell(
                f'<form class="login" action="https://{host}/index.php?action=login2" name="frmLogin" '
                f'id="frmLogin" method="post"><div class="errorbox">{error}</div><input type="text" id='
                '"loginuser" name="user" size="20" value="" required><input type="password" id="loginpass" '
                f'name="passwrd" value="" size="20" required>{captcha}<select name="cookielength" id='
                '"cookielength"><option value="60">1 Hour</option><option value="3153600" selected>Forever'
                '</option></select><input type="submit" value="Log in" class="button"><input type="hidden" '
                f'name="{name}" value="{entrance.token()}"></form>'
            ),
            "PHPSESSID",
            "0a1b",
            days=None,
        )

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        token = next((value for name, value in sent.items() if name in names), None)
        if not entrance.take(token) or "PHPSESSID" not in request.cookies:
            return page("Your session timed out while posting.")
        if not entrance.knows(sent.get("user"), sent.get("passwrd")):
            return page("Password incorrect")
        way = "logintfa" if sent["user"] == CAREFUL else "login2;sa=check;member=2"
        answer: Response = RedirectResponse(f"https://{host}/index.php?action={way}", 302)
        if sent["user"] == CAREFUL:
            return answer
        return _set(answer, "SMFCookie11", "%7B%220%22%3A2%2C%221%22%3A%220a1b0a1b%22%7D")

    def factor() -> Response:
        return shell(
            f'<form action="https://{host}/index.php?action=logintfa" method="post"><input type="text" name='
            f'"tfa_code" size="6"><input type="hidden" name="f0" value="{entrance.token()}"></form>'
        )

    async def confirm(request: Request) -> Response:
        sent = await entrance.read(request)
        if sent.get("tfa_code") != CODE or not entrance.take(sent.get("f0")):
            return factor()
        answer = RedirectResponse(f"https://{host}/index.php?action=login2;sa=check;member=3", 302)
        return _set(answer, "SMFCookie11", "%7B%220%22%3A3%2C%221%22%3A%220a1b0a1b%22%7D")

    async def post(request: Request) -> Response:
        return await (confirm if "logintfa" in request.url.query else login)(request)

    async def door(request: Request) -> Response:
        if "logintfa" in request.url.query:
            return factor()
        return shell("") if "sa=check" in request.url.query else page()

    async def index(_: Request) -> Response:
        return shell("")

    return [
        Route("/", index),
        Route("/index.php", post, methods=["POST"]),
        _Asked("/index.php", door, "action=login"),
    ]


class _Asked(Route):
    """A route of what a query asks for; other queries go on to the next route."""

    def __init__(self, path: str, endpoint: Callable[..., object], asked: str) -> None:
        super().__init__(path, endpoint)
        self._asked = asked.encode()

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Return whether this request is one for it."""
        if self._asked not in scope.get("query_string", b""):
            return Match.NONE, {}
        return super().matches(scope)


def mybb_entrance(entrance: Entrance) -> list[Route]:
    """MyBB 1.8: the head of each page has a form of its own, with other names."""

    def shell(body: str, error: str = "") -> HTMLResponse:
        block = f'<div class="error"><p><em>Please correct:</em></p><ul><li>{error}</li></ul></div>'
        return HTMLResponse(
            '<!DOCTYPE html><html xml:lang="en"><head><script type="text/javascript">\n<!--\n\tvar '
            'my_post_key = "0a1b2c3d";\n// -->\n</script></head><body><a href="https://mybb.example/'
            'member.php?action=login" onclick="$(\'#quick_login\').modal(); return false;" class="login">'
            'Login</a><div class="modal" id="quick_login"><form method="post" action="https://mybb.example/'
            'member.php"><input name="action" type="hidden" value="do_login" /><input name="url" type='
            '"hidden" value="" /><input name="quick_login" type="hidden" value="1" /><input name='
            '"quick_username" id="quick_login_username" type="text" value="" /><input name="quick_password" '
            'type="password" value="" /></form></div>'
            f"{block if error else ''}{body}</body></html>"
        )

    def page(error: str = "") -> Response:
        captcha = (
            '<input type="text" class="textbox" name="imagestring" />' if entrance.captcha else ""
        )
        return shell(
            '<form action="member.php" method="post"><input type="text" class="textbox" name="username" '
            'size="25" style="width: 200px;" value="" /><input type="password" class="textbox" name='
            f'"password" size="25" value="" />{captcha}<input type="checkbox" class="checkbox" name='
            '"remember" checked="checked" value="yes" /><input type="submit" class="button" name="submit" '
            'value="Login" /><input type="hidden" name="action" value="do_login" /><input type="hidden" '
            f'name="url" value="" /><input type="hidden" name="my_post_key" value="{entrance.token()}" />'
            "</form>",
            error,
        )

    async def form(_: Request) -> Response:
        return page()

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        if sent.get("action") != "do_login" or not entrance.take(sent.get("my_post_key")):
            return page("Authorization code mismatch.")
        if not entrance.knows(sent.get("username"), sent.get("password")):
            return page("You have entered an invalid username/password combination.")
        days = 365 if sent.get("remember") == "yes" else None
        return _set(RedirectResponse("index.php", 302), "mybbuser", "2_0a1b2c", days=days)

    async def index(_: Request) -> Response:
        return shell("")

    return [
        Route("/", index),
        Route("/index.php", index),
        Route("/member.php", form),
        Route("/member.php", login, methods=["POST"]),
    ]


def invision_entrance(entrance: Entrance) -> list[Route]:  # noqa: C901  # a function a route
    """Invision 4.7."""

    def shell(body: str) -> HTMLResponse:
        return HTMLResponse(
            "<!DOCTYPE html><html><body class='ipsApp ipsApp_front ipsJS_none ipsClearfix' data-pageApp="
            "'core'><a href='https://invision.example/login/?ref=0a1b' data-ipsMenu-closeOnClick='false' "
            f"id='elUserSignIn'>Existing user? Sign In</a>{body}</body></html>"
        )

    def page(error: str = "") -> Response:
        captcha = '<div class="h-captcha" data-sitekey="0a1b"></div>' if entrance.captcha else ""
        block = f'<p class="ipsMessage ipsMessage_error">{error}</p>' if error else ""
        return shell(
            '<form accept-charset="utf-8" method="post" action="https://invision.example/login/" '
            'data-controller="core.global.core.login"><input type="hidden" name="csrfKey" value="'
            f'{entrance.token()}"><input type="hidden" name="ref" value="0a1b">{block}<input type="text" '
            'placeholder="Display Name or Email Address" name="auth" autocomplete="email"><input type='
            f'"password" name="password">{captcha}<input type="checkbox" name="remember_me" value="1" '
            'checked><button type="submit" name="_processLogin" value="usernamepassword" id='
            '"elSignIn_submit">Sign In</button></form>'
        )

    def factor() -> Response:
        return shell(
            '<form method="post" action="https://invision.example/login/?_mfaLogin=1"><input type="hidden" '
            f'name="csrfKey" value="{entrance.token()}"><input type="hidden" name="mfa_auth" value="1">'
            '<input type="text" name="google_authenticator_auth_code"></form>'
        )

    async def form(_: Request) -> Response:
        return page()

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        if not entrance.take(sent.get("csrfKey")):
            return page("Please try again.")
        if "_mfaLogin" in request.url.query:
            if sent.get("google_authenticator_auth_code") != CODE:
                return factor()
            return _set(RedirectResponse("/", 302), "ips4_member_id", "3")
        pressed = sent.get("_processLogin") == "usernamepassword"
        if not pressed or not entrance.knows(sent.get("auth"), sent.get("password")):
            return page("The display name or email address or password is incorrect.")
        if sent["auth"] == CAREFUL:
            return factor()
        return _set(RedirectResponse("/", 302), "ips4_member_id", "2")

    async def index(_: Request) -> Response:
        return shell("")

    return [Route("/", index), Route("/login/", form), Route("/login/", login, methods=["POST"])]


def vbulletin_entrance(entrance: Entrance) -> list[Route]:
    """VBulletin 3.8: its script sends the digest of the password, and the head of each page has the form."""

    def shell(body: str) -> HTMLResponse:
        captcha = '<input type="text" name="humanverify[input]" />' if entrance.captcha else ""
        return HTMLResponse(
            '<!DOCTYPE html><html dir="ltr" lang="en"><head><meta name="generator" content="vBulletin '
            '3.8.7" /></head><body><form action="login.php?do=login" method="post" onsubmit="md5hash('
            'vb_login_password, vb_login_md5password, vb_login_md5password_utf, 0)"><input type="text" '
            'class="bginput" name="vb_login_username" id="navbar_username" size="10" value="User Name" />'
            '<input type="checkbox" name="cookieuser" value="1" id="cb_cookieuser_navbar" /><input type='
            f'"password" class="bginput" name="vb_login_password" id="navbar_password" />{captcha}<input '
            'type="hidden" name="s" value="" /><input type="hidden" name="securitytoken" value="guest" />'
            '<input type="hidden" name="do" value="login" /><input type="hidden" name='
            '"vb_login_md5password" /><input type="hidden" name="vb_login_md5password_utf" /></form>'
            f'<table class="tborder"><tr><td class="panelsurround">{body}</td></tr></table></body></html>'
        )

    async def index(_: Request) -> Response:
        return shell("")

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        digest = hashlib.md5(PASSWORD.encode(), usedforsecurity=False).hexdigest()
        known = sent.get("vb_login_username") in {NAME, CAREFUL}
        if not known or sent.get("vb_login_md5password") != digest or sent["vb_login_password"]:
            return shell("You have entered an invalid username or password.")
        answer = shell("Thank you for logging in, ada.")
        return _set(answer, "bb_userid", "2", days=365 if sent.get("cookieuser") else None)

    return [Route("/", index), Route("/login.php", login, methods=["POST"])]


def discourse_entrance(entrance: Entrance) -> list[Route]:
    """Discourse, whose page sends the form by script."""

    async def index(_: Request) -> Response:
        return HTMLResponse(
            '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta name="generator" content="Discourse '
            '2026.7.0-latest - https://github.com/discourse/discourse version 0a1b2c"></head></html>'
        )

    async def csrf(request: Request) -> Response:
        if request.headers.get("X-Requested-With") != "XMLHttpRequest":
            return JSONResponse({"errors": ["no"]}, 403)
        answer = JSONResponse({"csrf": entrance.token()})
        return _set(answer, "_forum_session", "0a1b", days=None)

    async def session(request: Request) -> Response:
        sent = await entrance.read(request)
        token = request.headers.get("X-CSRF-Token")
        if not entrance.take(token) or "_forum_session" not in request.cookies:
            return JSONResponse(["BAD CSRF"], 403)
        if not entrance.knows(sent.get("login"), sent.get("password")):
            return JSONResponse(
                {"error": "Incorrect username, email or password", "reason": "invalid_credentials"}
            )
        if sent["login"] == CAREFUL and sent.get("second_factor_token") != CODE:
            return JSONResponse(
                {
                    "failed": "FAILED",
                    "ok": False,
                    "error": "Invalid authentication code.",
                    "reason": "invalid_second_factor",
                    "totp_enabled": True,
                    "multiple_second_factor_methods": False,
                }
            )
        return _set(
            JSONResponse({"user": {"id": 2, "username": sent["login"]}}), "_t", "0a1b", days=60
        )

    return [
        Route("/", index),
        Route("/session/csrf", csrf),
        Route("/session", session, methods=["POST"]),
    ]


def nodebb_entrance(entrance: Entrance) -> list[Route]:
    """NodeBB 4, in the folder `talk`, whose page sends the form by script."""

    async def index(_: Request) -> Response:
        return HTMLResponse(
            '<!DOCTYPE html>\n<html lang="en-GB">\n<head>\n\t<script>\n\t\tvar config = JSON.parse(\''
            '{"url":"https://nodebb.example/talk","relative_path":"/talk","upload_url":"/talk/assets/'
            "uploads\"}');\n\t</script>\n</head></html>"
        )

    async def config(_: Request) -> Response:
        answer = JSONResponse({"relative_path": "/talk", "csrf_token": entrance.token()})
        return _set(answer, "express.sid", "s%3Aguest", days=None)

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        known = entrance.take(request.headers.get("x-csrf-token"))
        if not known or request.cookies.get("express.sid") != "s%3Aguest":
            return JSONResponse({"error": "csrf"}, 403)
        if not entrance.knows(sent.get("username"), sent.get("password")):
            return Response("[[error:invalid-login-credentials]]", 403)
        way = "/talk/login/2fa" if sent["username"] == CAREFUL else "/talk/"
        return _set(JSONResponse({"next": way}), "express.sid", "s%3Amember", days=14)

    return [
        Route("/", index),
        Route("/api/config", config),
        Route("/login", login, methods=["POST"]),
    ]
