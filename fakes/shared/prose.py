"""Words of docstrings as Markdown, and the little Markdown that descriptions use as HTML."""

import re

from markupsafe import Markup, escape

_ROLE = re.compile(r":\w+:`~?(?:[\w.]*\.)?(\w+)`")
_CODE = re.compile(r"``(.+?)``")
_SPAN = re.compile(r"`([^`]+)`")


def plain(docstring: str) -> str:
    """Turn a docstring's markup into Markdown: roles and double backquotes become code."""
    return _CODE.sub(r"`\1`", _ROLE.sub(r"`\1`", docstring)).strip()


def table(head: tuple[str, ...], rows: list[tuple[str, ...]]) -> str:
    """Write a table in Markdown."""
    lines = [head, tuple("---" for _ in head), *rows]
    return "\n".join(f"| {' | '.join(cell.replace('|', '/') for cell in line)} |" for line in lines)


def as_html(markdown: str) -> Markup:
    """Write Markdown as HTML: paragraphs, code, tables, and nothing else; the rest is shown as it stands."""
    return Markup("\n").join(_block(block.strip()) for block in re.split(r"\n\s*\n", markdown) if block.strip())


def _block(block: str) -> Markup:
    lines = block.splitlines()
    if len(lines) > 1 and all(line.startswith("|") for line in lines):
        return _table_as_html(lines)
    return Markup("<p>{}</p>").format(_spans(block))


def _table_as_html(lines: list[str]) -> Markup:
    head, _, *rows = [[cell.strip() for cell in line.strip().strip("|").split("|")] for line in lines]
    return Markup("<table><thead>{}</thead><tbody>{}</tbody></table>").format(
        _row_as_html(head, "th"), Markup().join(_row_as_html(row, "td") for row in rows)
    )


def _row_as_html(cells: list[str], tag: str) -> Markup:
    element = Markup(f"<{tag}>{{}}</{tag}>")  # noqa: S704 - one of two words that stand above
    return Markup("<tr>{}</tr>").format(Markup().join(element.format(_spans(cell)) for cell in cells))


def _spans(text: str) -> Markup:
    """Mark code; the odd pieces between backquotes are code, the even ones are words."""
    pieces = _SPAN.split(text)
    return Markup().join(
        Markup("<code>{}</code>").format(piece) if number % 2 else escape(piece) for number, piece in enumerate(pieces)
    )
