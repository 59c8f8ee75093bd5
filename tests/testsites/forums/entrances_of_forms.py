"""The log-ins of XenForo, phpBB and SMF, in their own forms."""

from collections.abc import Callable

from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Match, Route
from starlette.types import Scope

from tests.testsites.forums.entrance import CAREFUL, CODE, Entrance, set_cookie

XENFORO_CAPTCHA = '<div data-xf-init="re-captcha" data-sitekey="0a1b"></div>'


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
        return set_cookie(answer, "xf_csrf", "0a1b", days=None)

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
            return set_cookie(answer, "xf_session", "waiting", days=None)
        return set_cookie(RedirectResponse("/", 303), "xf_user", "2%2C0a1b")

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
        return set_cookie(RedirectResponse("/", 303), "xf_user", "3%2C0a1b")

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
        return set_cookie(answer, "phpbb3_demo_u", "1")

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        late = int(entrance.now()) - int(sent.get("creation_time", 0)) >= 1
        if not late or not entrance.take(sent.get("form_token")) or sent.get("login") != "Login":
            return page("The submitted form was invalid. Try submitting again.")
        if not entrance.knows(sent.get("username"), sent.get("password")):
            return page("You have specified an incorrect password.")
        answer = set_cookie(RedirectResponse("./index.php", 302), "phpbb3_demo_u", "48")
        return set_cookie(answer, "phpbb3_demo_k", "0a1b" if sent.get("autologin") else "")

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
        return set_cookie(
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
        return set_cookie(answer, "SMFCookie11", "%7B%220%22%3A2%2C%221%22%3A%220a1b0a1b%22%7D")

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
        return set_cookie(answer, "SMFCookie11", "%7B%220%22%3A3%2C%221%22%3A%220a1b0a1b%22%7D")

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
