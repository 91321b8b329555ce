"""The JSON report: all results in one document, for programs, with its schema."""

from pathlib import Path

import msgspec

from reports.files import write_whole
from simulator.results import Status, StoryResult, SuiteResult

SCHEMA_VERSION = 1
"""Counts up when a field changes its meaning or goes; new fields may come without."""


class Document(msgspec.Struct, frozen=True):
    """A whole run, as it is written."""

    schema_version: int
    exit_code: int
    counts: dict[Status, int]
    """Stories by status, those without a story too."""
    seed: int
    sut: str
    seconds: float
    stories: tuple[StoryResult, ...]


def document_of(suite: SuiteResult) -> Document:
    """Put a suite into the form in which it is written."""
    counts: dict[Status, int] = {"passed": 0, "failed": 0, "unusable": 0, "broken": 0}
    for story in suite.stories:
        counts[story.status] += 1
    return Document(
        schema_version=SCHEMA_VERSION,
        exit_code=suite.exit_code,
        counts=counts,
        seed=suite.seed,
        sut=suite.sut,
        seconds=suite.seconds,
        stories=suite.stories,
    )


def write_json(suite: SuiteResult, path: Path) -> Path:
    """Write a suite as one JSON document.

    Args:
        suite: the results.
        path: where to; missing folders are made.

    Returns:
        The path.

    Raises:
        ReportError: the file cannot be written.
    """
    return write_whole(path, msgspec.json.encode(document_of(suite)) + b"\n")


def read_json(content: bytes) -> Document:
    """Read what :func:`write_json` wrote.

    Raises:
        msgspec.ValidationError: it is another document.
    """
    return msgspec.json.decode(content, type=Document)


def json_schema() -> bytes:
    """Write the JSON Schema (2020-12) of the document, from the structs themselves."""
    schema = msgspec.json.schema(Document)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    schema["title"] = "Results of a rostersim run"
    return msgspec.json.format(msgspec.json.encode(schema), indent=2) + b"\n"
