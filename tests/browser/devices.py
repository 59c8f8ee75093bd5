"""A device that holds passkeys and says yes to whatever it is asked."""

from playwright.sync_api import CDPSession, Page


def with_passkeys(page: Page) -> CDPSession:
    """Give the page's browser an authenticator of its own; it keeps what is made in it."""
    session = page.context.new_cdp_session(page)
    session.send("WebAuthn.enable")
    session.send(
        "WebAuthn.addVirtualAuthenticator",
        {
            "options": {
                "protocol": "ctap2",
                "transport": "internal",
                "hasResidentKey": True,
                "hasUserVerification": True,
                "isUserVerified": True,
                "automaticPresenceSimulation": True,
            }
        },
    )
    return session
