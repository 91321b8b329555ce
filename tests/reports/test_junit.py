import re
from pathlib import Path
from xml.etree import ElementTree as ET

from reports.junit import write_junit
from simulator.results import SuiteResult
from tests.reports.builders import Told, at, finding, many_nights, story, suite, wiped

ATTRIBUTES = {
    "testsuites": {"name", "time", "tests", "failures", "errors"},
    "testsuite": {"name", "tests", "failures", "errors", "time", "skipped"},
    "properties": set[str](),
    "property": {"name", "value"},
    "testcase": {"name", "time", "classname"},
    "failure": {"type", "message"},
    "error": {"type", "message"},
    "system-out": set[str](),
}
"""What junit-10.xsd of Jenkins's xUnit plugin allows, as far as it is used here."""
CHILDREN = {
    "testsuites": {"testsuite"},
    "testsuite": {"properties", "testcase"},
    "properties": {"property"},
    "testcase": {"failure", "error", "system-out"},
}


def written(results: SuiteResult, folder: Path) -> ET.Element:
    return ET.parse(write_junit(results, folder / "junit.xml")).getroot()


def mixed() -> SuiteResult:
    return suite(
        story(wiped()),
        story(wiped(), status="failed", path="b", findings=(finding(wiped()), finding(message="another"))),
        story(status="unusable", theme="mine", path="c", findings=(finding(kind="input"),)),
        story(status="broken", theme="mine", path="d", findings=(finding(kind="harness"),)),
    )


def test_it_keeps_to_the_schema_of_jenkins(tmp_path: Path) -> None:
    for element in written(mixed(), tmp_path).iter():
        assert set(element.attrib) <= ATTRIBUTES[element.tag]
        assert {child.tag for child in element} <= CHILDREN.get(element.tag, set())
        if "time" in element.attrib:
            assert re.fullmatch(r"\d+\.\d{3}", element.attrib["time"])


def test_each_theme_is_a_suite_and_the_counts_are_right(tmp_path: Path) -> None:
    root = written(mixed(), tmp_path)
    assert [(s.get("name"), s.get("tests"), s.get("failures"), s.get("errors")) for s in root] == [
        ("by-hand", "2", "1", "0"),
        ("mine", "2", "0", "2"),
    ]
    assert (root.get("tests"), root.get("failures"), root.get("errors")) == ("4", "1", "2")
    assert len(root.findall(".//testcase")) == 4
    assert len(root.findall(".//failure")) == 1
    assert len(root.findall(".//error")) == 2


def test_a_failure_has_the_text_of_all_findings(tmp_path: Path) -> None:
    failure = written(mixed(), tmp_path).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "Mei Chen is not in Algebra 1-01"
    assert failure.get("type") == "expectation"
    text = failure.text or ""
    assert "expected: Mei Chen is not in Algebra 1-01" in text
    assert "F8: A student added by hand" in text
    assert "Mon 14 Sep 10:00  Otus   ● Rosa Diaz adds Mei Chen to Algebra 1-01 by hand" in text
    assert "another" in text


def test_an_error_says_that_it_is_not_the_syncs(tmp_path: Path) -> None:
    texts = [error.text or "" for error in written(mixed(), tmp_path).iter("error")]
    assert all("says nothing about the sync" in text for text in texts)


def test_seed_sync_and_rules_are_properties(tmp_path: Path) -> None:
    root = written(mixed(), tmp_path)
    properties = {each.get("name"): each.get("value") for each in root[0].iter("property")}
    assert properties["seed"] == "42"
    assert properties["sut"] == "otus_sync.nightly:run"
    assert properties["rules"] == "F8"
    assert properties["rules of b"] == "F8"


def test_the_timeline_is_the_output_and_a_long_one_is_cut_with_a_word(tmp_path: Path) -> None:
    root = written(suite(story(wiped()), story(many_nights(180), path="b")), tmp_path)
    short, long = (each.text or "" for each in root.iter("system-out"))
    assert "Mon 14 Sep ◆✓ ☾✓ Tue 15 Sep" in short
    assert "GET /v3.0" not in short
    assert re.search(r"\.\.\. and \d+ more entries", long)


def test_control_characters_do_not_make_it_invalid(tmp_path: Path) -> None:
    evil = "\x00\x1b[31m\x0b\ud800\ufffe<&\"'>]]>"
    told = Told().by_hand(at(14), evil, evil)
    found = finding(told, message=evil, expected=evil, found=evil, hint=evil, file=evil, rules=(evil,))
    names = {"title": evil, "theme": evil, "path": evil, "rules": (evil,), "reproduce": evil}
    root = written(suite(story(told, status="failed", findings=(found,), **names)), tmp_path)
    assert "<&\"'>]]>" in (root.findtext(".//failure") or "")


def test_a_failed_story_without_a_finding_still_says_whose_fault_it_is(tmp_path: Path) -> None:
    failure = written(suite(story(status="failed")), tmp_path).find(".//failure")
    assert failure is not None
    assert failure.get("message") == "The sync under test did not do what the story expects."


def test_a_run_without_stories_is_valid_too(tmp_path: Path) -> None:
    assert written(suite(), tmp_path).get("tests") == "0"
