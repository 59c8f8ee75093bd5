"""The program as a user runs it, beside real forum software."""

from tests.e2e.conftest import portal, template

__all__ = ["portal", "template"]
