"""The rows of a table of three columns, thousands at once.

A template that asks for each cell's markup by itself takes a tenth of a second for a school of 4,000; this, a fraction.
"""

from collections.abc import Iterable
from functools import lru_cache
from typing import Literal
from urllib.parse import quote_plus

from markupsafe import Markup, escape

from rostersim.served.records import Row

CELLS_KEPT = 4096
"""Most cells of a long table say the same few things."""
SIGN = '<span class="sign" title="the three differ">≠</span> '
NONE = '<span class="none" title="nothing">—</span>'
EMPTY = Markup('<tr><td colspan="4" class="none">nothing</td></tr>')


def three_rows(
    rows: Iterable[Row], page: str, kind: Literal["", "person", "class"] = "", class_name: str = ""
) -> Markup:
    """Write rows as markup; what they say is escaped.

    Args:
        rows: to be shown, in this order.
        page: the address of the world's page, without a query.
        kind: what a row's link is a name of; ``""`` for none.
        class_name: in which a person is meant.
    """
    begin = f'<a href="{escape(page)}?{kind}='
    end = f"&amp;class={quote_plus(class_name)}" if class_name else ""
    written = []
    for row in rows:
        head = str(escape(row.link if kind and row.link else row.what))
        if kind and row.link:
            head = f'{begin}{quote_plus(row.link)}{end}">{head}</a>'
        opening = f'<tr class="differs"><th scope="row">{SIGN}' if row.differs else '<tr><th scope="row">'
        written.append(f"{opening}{head}</th>{_cell(row.ats)}{_cell(row.clever)}{_cell(row.otus)}</tr>\n")
    return Markup("".join(written)) if written else EMPTY  # noqa: S704 - every word above is escaped or quoted


@lru_cache(CELLS_KEPT)
def _cell(words: str) -> str:
    return f"<td>{escape(words) if words else NONE}</td>"
