"""What became of the checks, in lines for a person."""

from collections import Counter
from collections.abc import Iterator

from fakes.clever.contract.check import Result

_COLUMN = 8


def lines_of(result: Result) -> Iterator[str]:
    """Write a check's line, and below it what was asked, what came and what the reference says, if they differ."""
    yield f"{result.outcome:<{_COLUMN}} {result.version}  {result.check.name}"
    indent = " " * (_COLUMN + 1)
    if result.outcome == "differs":
        yield f"{indent}asked     {result.asked}"
        yield f"{indent}came      {result.came}"
        yield f'{indent}expected  {result.expected}  (facts on Clever\'s wire, "{result.check.part}")'
    elif result.outcome == "unseen":
        yield f"{indent}why       {result.came}"
    for note in result.notes:
        yield f"{indent}tolerated {note}"


def summary(results: list[Result]) -> str:
    """Count what became of them."""
    counts = Counter(result.outcome for result in results)
    words = f"{len(results)} checks: {counts['ok']} ok, {counts['differs']} differ"
    return f"{words}, {counts['unseen']} could not be seen here" if counts["unseen"] else words
