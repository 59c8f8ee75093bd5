from tests.e2e.conftest import another, portal, program, site, template

__all__ = ["another", "portal", "program", "site", "template"]
