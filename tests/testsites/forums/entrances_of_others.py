"""The log-ins of MyBB, Invision, vBulletin, Discourse and NodeBB, in their own forms."""

import hashlib

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from tests.testsites.forums.entrance import CAREFUL, CODE, NAME, PASSWORD, Entrance, set_cookie


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
        return set_cookie(RedirectResponse("index.php", 302), "mybbuser", "2_0a1b2c", days=days)

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
            return set_cookie(RedirectResponse("/", 302), "ips4_member_id", "3")
        pressed = sent.get("_processLogin") == "usernamepassword"
        if not pressed or not entrance.knows(sent.get("auth"), sent.get("password")):
            return page("The display name or email address or password is incorrect.")
        if sent["auth"] == CAREFUL:
            return factor()
        return set_cookie(RedirectResponse("/", 302), "ips4_member_id", "2")

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
        return set_cookie(answer, "bb_userid", "2", days=365 if sent.get("cookieuser") else None)

    return [Route("/", index), Route("/login.php", login, methods=["POST"])]


def vbulletin5_entrance(entrance: Entrance) -> list[Route]:
    """VBulletin 5.7: its script sends the form of the head of each page, and reads an answer in JSON."""

    async def index(_: Request) -> Response:
        return HTMLResponse(
            '<!DOCTYPE html><html lang="en" dir="ltr" id="htmlTag"><head><base href='
            '"https://vbulletin5.example/" /><script>var pageData = {\n"baseurl": "https:'
            f'//vbulletin5.example",\n"securitytoken": "{entrance.token()}",\n"eustatus": "-1"}};</script>'
            '</head><body id="vb-page-body" class="l-desktop page1 vb-page logged-out"><form class='
            '"js-login-form-main" method="post"><input class="js-login-username" name="username">'
            '<input class="js-login-password" type="password" name="password"><label><input type='
            '"checkbox" name="rememberme" value="1"></label></form></body></html>'
        )

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        if entrance.captcha:
            return JSONResponse({"errors": [["humanverify_missing"]]})
        if not entrance.take(sent.get("securitytoken")) or sent.get("privacyconsent") != "1":
            return JSONResponse({"errors": [["security_token_invalid"]]})
        if not entrance.knows(sent.get("username"), sent.get("password")):
            link = "https://vbulletin5.example/lostpw"
            return JSONResponse({"errors": [["badlogin_strikes_passthru", link, 1, 5]]})
        days = 365 if sent.get("rememberme") else None
        answer = set_cookie(JSONResponse({"success": True}), "bbsessionhash", "0a1b", days=None)
        return set_cookie(answer, "bbuserid", "2", days=days)

    return [Route("/", index), Route("/auth/ajax-login", login, methods=["POST"])]


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
        return set_cookie(answer, "_forum_session", "0a1b", days=None)

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
        return set_cookie(
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
        return set_cookie(answer, "express.sid", "s%3Aguest", days=None)

    async def login(request: Request) -> Response:
        sent = await entrance.read(request)
        known = entrance.take(request.headers.get("x-csrf-token"))
        if not known or request.cookies.get("express.sid") != "s%3Aguest":
            return JSONResponse({"error": "csrf"}, 403)
        if not entrance.knows(sent.get("username"), sent.get("password")):
            return Response("[[error:invalid-login-credentials]]", 403)
        way = "/talk/login/2fa" if sent["username"] == CAREFUL else "/talk/"
        return set_cookie(JSONResponse({"next": way}), "express.sid", "s%3Amember", days=14)

    return [
        Route("/", index),
        Route("/api/config", config),
        Route("/login", login, methods=["POST"]),
    ]
