"""The API in words that programs understand: an OpenAPI 3.1 document, made of the endpoints themselves."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from http import HTTPStatus
from typing import Any

import msgspec

from easyplayer import __version__
from easyplayer.hub.proofs import COOKIE
from easyplayer.hub.services.slugs import END
from easyplayer.hub.web.endpoint import Endpoint, Needs
from easyplayer.hub.web.errors import JSON, PROBLEM_JSON
from easyplayer.hub.web.path_parameters import names_in, pattern_of
from easyplayer.protocol.problem import Problem

SCHEMAS = "#/components/schemas/{name}"
ANY_TYPE = "*/*"
USER_SCHEMES: tuple[dict[str, list[str]], ...] = ({"token": []}, {"session": []})
SCHEMES = {
    "token": {"type": "http", "scheme": "bearer", "description": "An API token of a user."},
    "session": {
        "type": "apiKey",
        "in": "cookie",
        "name": COOKIE,
        "description": "Where a user has logged in.",
    },
    "box": {"type": "http", "scheme": "bearer", "description": "The token of a box's session."},
}
_IVAR = re.compile(r":ivar (?P<name>\w+):\s*(?P<text>.+?)(?=\n\s*:ivar|\Z)", re.DOTALL)
_ROLE = re.compile(r":(?:py:)?\w+:`~?(?:[\w.]*\.)?([\w ]+)`")


def openapi_endpoint(endpoints: Callable[[], Iterable[Endpoint]]) -> Endpoint:
    """Give the endpoint that tells of all of them, itself included."""

    @cache
    def written() -> dict[str, Any]:
        return document(endpoints())

    return Endpoint(
        method="GET",
        path="/openapi.json",
        summary="Describe the API, as OpenAPI",
        handle=lambda _call: written(),
        needs=Needs.NOTHING,
        answers=dict[str, Any],
        subject="hub",
    )


def document(endpoints: Iterable[Endpoint]) -> dict[str, Any]:
    """Write the document."""
    described = tuple(endpoints)
    wanted = dict.fromkeys(kind for one in described for kind in _kinds(one))
    refs, components = msgspec.json.schema_components([*wanted, Problem], ref_template=SCHEMAS)
    schemas = dict(zip(wanted, refs, strict=False))
    paths: dict[str, Any] = {}
    for one in described:
        paths.setdefault(one.path, {})[one.method.lower()] = _operation(one, schemas, components)
    queries = {_name(schemas[one.query]) for one in described}
    kept = {name: _told(schema) for name, schema in components.items() if name not in queries}
    written: dict[str, Any] = _exact(
        {
            "openapi": "3.1.0",
            "info": {"title": "easyplayer hub", "version": __version__},
            "tags": [{"name": name} for name in dict.fromkeys(one.subject for one in described)],
            "paths": paths,
            "components": {"schemas": kept, "securitySchemes": SCHEMES},
        }
    )
    return written


def _kinds(endpoint: Endpoint) -> Iterator[Any]:
    yield endpoint.query
    yield from (kind for kind in (endpoint.body, endpoint.answers) if kind not in {None, bytes})


def _operation(
    endpoint: Endpoint, schemas: Mapping[Any, dict[str, Any]], components: Mapping[str, Any]
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": _identifier(endpoint),
        "summary": endpoint.summary,
        "tags": [endpoint.subject],
        "parameters": [
            *map(_path_parameter, names_in(endpoint.path)),
            *_query_parameters(_told(components[_name(schemas[endpoint.query])])),
        ],
        "security": _security(endpoint.needs),
        "responses": _responses(endpoint, schemas),
    }
    if endpoint.body is not None or endpoint.streams:
        content = (
            {ANY_TYPE: {}} if endpoint.body in {None, bytes} else {JSON: {"schema": schemas[endpoint.body]}}
        )
        operation["requestBody"] = {"required": True, "content": content}
    return operation


def _identifier(endpoint: Endpoint) -> str:
    words = re.findall(r"\w+", endpoint.path.removeprefix("/api/v1"))
    return "-".join([endpoint.method.lower(), *words])


def _path_parameter(name: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "path",
        "required": True,
        "schema": {"type": "string", "pattern": pattern_of(name)},
    }


def _query_parameters(schema: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for name, field in schema.get("properties", {}).items():
        kept = {key: value for key, value in field.items() if key != "description"}
        parameter = {"name": name, "in": "query", "required": name in schema["required"], "schema": kept}
        yield {**parameter, **({"description": field["description"]} if "description" in field else {})}


def _security(needs: Needs) -> list[dict[str, list[str]]]:
    match needs:
        case Needs.NOTHING:
            return []
        case Needs.BOX:
            return [{"box": []}]
        case Needs.VISITOR:
            return [{}, *USER_SCHEMES]
        case Needs.USER:
            return [*USER_SCHEMES]


def _responses(endpoint: Endpoint, schemas: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    answers = {str(int(one)): _answer(endpoint, one, schemas) for one in _fine(endpoint)}
    problem = {PROBLEM_JSON: {"schema": {"$ref": SCHEMAS.format(name="Problem")}}}
    refusals = {str(int(one)): {"description": one.phrase, "content": problem} for one in _refusals(endpoint)}
    others = {"description": "Anything else that stands in the way", "content": problem}
    return {**answers, **refusals, "default": others}


def _fine(endpoint: Endpoint) -> Iterator[HTTPStatus]:
    """Give the statuses of the answers that are none of an error, the usual one first."""
    is_empty = endpoint.answers is None and endpoint.status == HTTPStatus.OK
    yield HTTPStatus.NO_CONTENT if is_empty else HTTPStatus(endpoint.status)
    yield from map(HTTPStatus, endpoint.also)


def _answer(endpoint: Endpoint, status: HTTPStatus, schemas: Mapping[Any, dict[str, Any]]) -> dict[str, Any]:
    if endpoint.answers is None or status == HTTPStatus.NOT_MODIFIED:
        return {"description": status.phrase}
    content = {ANY_TYPE: {}} if endpoint.answers is bytes else {JSON: {"schema": schemas[endpoint.answers]}}
    return {"description": status.phrase, "content": content}


def _refusals(endpoint: Endpoint) -> Iterator[HTTPStatus]:
    yield HTTPStatus.BAD_REQUEST
    if endpoint.needs is not Needs.NOTHING:
        yield HTTPStatus.UNAUTHORIZED
    if endpoint.needs in {Needs.USER, Needs.VISITOR}:
        yield HTTPStatus.FORBIDDEN
    if names_in(endpoint.path):
        yield HTTPStatus.NOT_FOUND
    if endpoint.body is not None or endpoint.streams:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield from () if endpoint.body in {None, bytes} else (HTTPStatus.UNSUPPORTED_MEDIA_TYPE,)
    yield HTTPStatus.SERVICE_UNAVAILABLE


def _name(reference: Mapping[str, Any]) -> str:
    return str(reference["$ref"]).rpartition("/")[2]


def _told(schema: dict[str, Any]) -> dict[str, Any]:
    """Give each field of a structure what its docstring says of it."""
    text, mark, fields = schema.get("description", "").partition("\n\n    :ivar ")
    told = {
        found["name"]: _plain(found["text"]) for found in _IVAR.finditer(f":ivar {fields}" if mark else "")
    }
    properties = {
        name: {**field, "description": told[name]} if name in told else field
        for name, field in schema.get("properties", {}).items()
    }
    described = {"description": _plain(text)} if text else {}
    return {**schema, **described, **({"properties": properties} if properties else {})}


def _plain(text: str) -> str:
    return " ".join(_ROLE.sub(r"\1", text).replace("``", "`").split())


def _exact(content: Any) -> Any:
    """Write patterns as JSON Schema does, where ``$`` is the very end."""
    match content:
        case dict():
            return {
                key: value.replace(END, "$") if key == "pattern" and isinstance(value, str) else _exact(value)
                for key, value in content.items()
            }
        case list():
            return [_exact(one) for one in content]
        case _:
            return content
