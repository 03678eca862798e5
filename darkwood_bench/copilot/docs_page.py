"""The interface as a plain page, from its OpenAPI description: no scripts, no outside requests."""

from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

Described = Mapping[str, Any]


def docs_page(openapi: Described) -> str:
    """HTML of every path and of every body that goes in or out."""
    parts = [
        "<!doctype html><html lang='en'><head><meta charset='utf-8'>",
        f"<title>{escape(openapi['info']['title'])}</title>",
        "<link rel='stylesheet' href='/docs/style.css'></head><body><main>",
        f"<h1>{escape(openapi['info']['title'])}</h1>",
        f"<p>{escape(openapi['info'].get('description', ''))}</p>",
        "<p>As a file: <a href='/openapi.json'>openapi.json</a></p>",
        *_paths(openapi["paths"]),
        *_schemas(openapi.get("components", {}).get("schemas", {})),
        "</main></body></html>",
    ]
    return "".join(parts)


STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; color: #1a1a1a; background: #fff }
main { max-width: 60rem; margin: 0 auto; padding: 1rem }
code, .method { font-family: ui-monospace, monospace }
section { border-top: 1px solid #ccc; padding: .5rem 0 }
table { border-collapse: collapse; width: 100% }
th, td { text-align: left; vertical-align: top; padding: .25rem .5rem; border-top: 1px solid #ddd }
td { overflow-wrap: anywhere }
@media (prefers-color-scheme: dark) { body { color: #eee; background: #161616 } a { color: #8cf } }
"""


def _paths(paths: Described) -> Iterator[str]:
    for path, methods in paths.items():
        for method, operation in methods.items():
            title = f"<span class='method'>{method.upper()}</span> <code>{escape(path)}</code>"
            yield f"<section><h2>{title}</h2><p>{escape(operation.get('description', ''))}</p>"
            if body := operation.get("requestBody"):
                yield f"<p>Takes {' or '.join(_contents(body))}.</p>"
            yield "<table><tr><th>Status</th><th>What</th><th>Body</th></tr>"
            for status, reply in operation["responses"].items():
                bodies = " or ".join(_contents(reply)) or "nothing"
                said = escape(reply.get("description", ""))
                yield f"<tr><td>{status}</td><td>{said}</td><td>{bodies}</td></tr>"
            yield "</table></section>"


def _contents(body: Described) -> list[str]:
    return [
        f"<code>{escape(kind)}</code> {_type(content.get('schema', {}))}"
        for kind, content in body.get("content", {}).items()
    ]


def _schemas(schemas: Described) -> Iterator[str]:
    yield "<h2>Bodies</h2>"
    for name, schema in schemas.items():
        yield f"<section><h3 id='{escape(name)}'>{escape(name)}</h3>"
        yield f"<p>{escape(schema.get('description', ''))}</p><table>"
        required = schema.get("required", [])
        for field, described in schema.get("properties", {}).items():
            mark = "" if field in required else " (may be left out)"
            default = described.get("default")
            says = f"{_type(described)}{mark}"
            says += (
                f", by default <code>{escape(str(default))}</code>" if default is not None else ""
            )
            says += f"<br>{escape(described['description'])}" if "description" in described else ""
            yield f"<tr><td><code>{escape(field)}</code></td><td>{says}</td></tr>"
        yield "</table></section>"


def _type(schema: Described) -> str:
    if "$ref" in schema:
        name = escape(schema["$ref"].rpartition("/")[2])
        return f"<a href='#{name}'>{name}</a>"
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return " or ".join(map(_type, choices))
    if "enum" in schema:
        return " or ".join(f"<code>{escape(str(value))}</code>" for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}"
    if isinstance(inner := schema.get("additionalProperties"), dict) and inner:
        return f"object of {_type(inner)}"
    return escape(str(schema.get("type", "anything")))
