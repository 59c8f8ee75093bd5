"""The description of the API: complete, with every error, and shown only to who is signed in."""

from typing import Any, Final

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import TypeAdapter

from gatherum.web.errors import PROBLEM, Problem

SCHEMES: Final = {
    "bearer": {"type": "http", "scheme": "bearer", "description": "An API key or bearer token."},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-Api-Key"},
}
ANY_ERROR: Final = {
    "description": "An error that any route may answer: RFC 9457.",
    "content": {PROBLEM: {"schema": {"$ref": "#/components/schemas/Problem"}}},
}
# What the shield answers, before any route; the last three to bodies.
BEFORE: Final = ("400", "403", "414", "421", "431", "408", "413", "415")


def describe(web: FastAPI) -> None:
    """Let an application describe itself in our form."""

    def openapi() -> dict[str, Any]:
        if web.openapi_schema is None:
            web.openapi_schema = _complete(
                get_openapi(
                    title=web.title,
                    version=web.version,
                    openapi_version="3.1.0",
                    routes=web.routes,
                    description="Gatherum's API. Lists are pages with a cursor; errors are problem+json. "
                    "`x-rate` says how often an account may call a route; beyond it the answer is 429, "
                    "and `Retry-After` says when to come back.",
                ),
                cookie=web.state.site.cookie,
            )
        return web.openapi_schema

    web.openapi = openapi  # type: ignore[method-assign]  # FastAPI's documented way


def _complete(schema: dict[str, Any], *, cookie: str) -> dict[str, Any]:
    session = {
        "type": "apiKey",
        "in": "cookie",
        "name": cookie,
        "description": "A signed-in browser; with https `__Host-sid`, without it `sid`.",
    }
    components = schema.setdefault("components", {})
    components["securitySchemes"] = {"session": session, **SCHEMES}
    schemas = components.setdefault("schemas", {})
    schemas["Problem"] = TypeAdapter(Problem).json_schema()
    for unused in ("HTTPValidationError", "ValidationError"):
        schemas.pop(unused, None)
    for path in schema["paths"].values():
        for operation in path.values():
            answers = operation["responses"]
            for status, answer in answers.items():
                if status[0] in "45" and not _has_form_of_its_own(answer):
                    answer["content"] = ANY_ERROR["content"]
            for status in ("422", "500"):
                answers.setdefault(status, ANY_ERROR)
                answers[status] = {**answers[status], "content": ANY_ERROR["content"]}
            for status in BEFORE if "requestBody" in operation else BEFORE[:5]:
                answers.setdefault(status, ANY_ERROR)
    return schema


def _has_form_of_its_own(answer: dict[str, Any]) -> bool:
    """Return whether an answer that is no success is none of our problems either."""
    content = answer.get("content", {}).get("application/json", {})
    form: str = content.get("schema", {}).get("$ref", "/Problem")
    return form.rpartition("/")[2] != "Problem"
