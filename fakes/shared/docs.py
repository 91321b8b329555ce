"""The documentation for people: one HTML page, made of an OpenAPI document, that needs no network."""

from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from fakes.shared.prose import as_html

Schema = dict[str, Any]

PATTERN_SHOWN_MAX = 30
"""Longer patterns say less than they take room; the document for programs has them all."""


def docs_page(document: dict[str, Any]) -> str:
    """Write the page: a section for every tag with its operations, then the schemas that they link to.

    Args:
        document: of OpenAPI, as :func:`fakes.shared.openapi.openapi_document` writes it.
    """
    environment = Environment(
        loader=PackageLoader("fakes.shared"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters |= {"prose": as_html, "type": type_in_words}
    return environment.get_template("docs.html.j2").render(
        document=document, chapters=_chapters(document), schemas=document["components"]["schemas"]
    )


def _chapters(document: dict[str, Any]) -> list[dict[str, Any]]:
    entries = [
        {"method": method.upper(), "path": path, "operation": operation}
        for path, methods in document["paths"].items()
        for method, operation in methods.items()
    ]
    chapters = [
        {**tag, "entries": [entry for entry in entries if tag["name"] in entry["operation"].get("tags", ())]}
        for tag in document["tags"]
    ]
    loose = [entry for entry in entries if not entry["operation"].get("tags")]
    return [*chapters, *([{"name": "other", "description": "", "entries": loose}] if loose else [])]


def type_in_words(schema: Schema) -> Markup:
    """Say what a schema wants in a few words, with a link to each schema that has a name."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return Markup('<a href="#schema-{0}">{0}</a>').format(name)
    if "x-line" in schema:
        return Markup("lines of {}").format(type_in_words(schema["x-line"]))
    for several in ("anyOf", "oneOf"):
        if several in schema:
            return Markup(" or ").join(type_in_words(choice) for choice in schema[several])
    if "enum" in schema:
        return Markup(" · ").join(Markup("<code>{}</code>").format(value) for value in schema["enum"])
    if schema.get("type") == "array":
        return Markup("list of {}").format(type_in_words(schema.get("items") or {}))
    words = [str(schema.get("type", "anything")), *_bounds(schema)]
    return Markup(", ").join(words)


def _bounds(schema: Schema) -> list[Markup]:
    words = {
        "minimum": "at least {}",
        "maximum": "at most {}",
        "minLength": "at least {} characters",
        "maxLength": "at most {} characters",
        "pattern": "<code>{}</code>",
    }
    shown = {key: schema[key] for key in words if key in schema}
    if len(shown.get("pattern", "")) > PATTERN_SHOWN_MAX:
        del shown["pattern"]
    return [Markup(words[key]).format(value) for key, value in shown.items()]  # noqa: S704 - from above
