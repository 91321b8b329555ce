"""The JUnit report: what CI servers read.

It keeps to the strictest schema in use, that of Jenkins's xUnit plugin (``junit-10.xsd``): only suites have
properties, and a test case has no attributes but its name, class and time.
"""

from collections.abc import Iterable, Sequence
from pathlib import Path
from xml.etree import ElementTree as ET

from reports.files import write_whole
from reports.plain import finding_in_text, timeline_in_text
from reports.verdicts import VERDICTS
from reports.words import one_line, printable
from simulator.results import StoryResult, SuiteResult


def write_junit(suite: SuiteResult, path: Path) -> Path:
    """Write a suite as JUnit XML: a ``testsuite`` for each theme, a ``testcase`` for each story.

    A sync that did not do what was expected is a ``failure``; wrong input and a broken harness are ``error``.

    Args:
        suite: the results.
        path: where to; missing folders are made.

    Returns:
        The path.

    Raises:
        ReportError: the file cannot be written.
    """
    root = ET.Element("testsuites", {"name": "rostersim", **_counts(suite.stories), "time": _time(suite.seconds)})
    for theme, stories in _by_theme(suite.stories).items():
        root.append(_testsuite(theme, stories, suite))
    ET.indent(root)
    return write_whole(path, ET.tostring(root, encoding="utf-8", xml_declaration=True) + b"\n")


def _by_theme(stories: Iterable[StoryResult]) -> dict[str, list[StoryResult]]:
    themes: dict[str, list[StoryResult]] = {}
    for story in stories:
        themes.setdefault(one_line(story.theme) or "stories", []).append(story)
    return themes


def _testsuite(theme: str, stories: Sequence[StoryResult], suite: SuiteResult) -> ET.Element:
    time = _time(sum(story.seconds for story in stories))
    element = ET.Element("testsuite", {"name": theme, **_counts(stories), "skipped": "0", "time": time})
    properties = ET.SubElement(element, "properties")
    _property(properties, "seed", str(suite.seed))
    _property(properties, "sut", suite.sut)
    _property(properties, "rules", ", ".join(dict.fromkeys(rule for story in stories for rule in story.rules)))
    for story in stories:
        _property(properties, f"rules of {story.path}", ", ".join(story.rules))
        _property(properties, f"seed of {story.path}", str(story.seed))
    for story in stories:
        element.append(_testcase(theme, story))
    return element


def _testcase(theme: str, story: StoryResult) -> ET.Element:
    element = ET.Element(
        "testcase",
        # Jenkins takes what precedes the last dot for a package, and dots elsewhere for more of them.
        {"name": one_line(story.title), "classname": f"rostersim.{theme.replace('.', '-')}"},
        time=_time(story.seconds),
    )
    if story.status != "passed":
        element.append(_result(story))
    output = ET.SubElement(element, "system-out")
    output.text = f"{one_line(story.path)}\nrules: {one_line(', '.join(story.rules))}\n{timeline_in_text(story)}\n"
    return element


def _result(story: StoryResult) -> ET.Element:
    first = story.findings[0] if story.findings else None
    element = ET.Element(
        "failure" if story.status == "failed" else "error",
        message=VERDICTS[story.status].whose if first is None else one_line(first.message),
        type=story.status if first is None else first.kind,
    )
    told = [finding_in_text(finding, story) for finding in story.findings]
    element.text = printable("\n\n".join([VERDICTS[story.status].whose, *told]))
    return element


def _property(properties: ET.Element, name: str, value: str) -> None:
    ET.SubElement(properties, "property", name=one_line(name), value=one_line(value))


def _counts(stories: Sequence[StoryResult]) -> dict[str, str]:
    failures = sum(story.status == "failed" for story in stories)
    errors = sum(story.status in ("unusable", "broken") for story in stories)
    return {"tests": str(len(stories)), "failures": str(failures), "errors": str(errors)}


def _time(seconds: float) -> str:
    return f"{seconds:.3f}"
