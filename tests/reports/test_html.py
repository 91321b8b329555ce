import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from reports.html import render_html, write_html
from reports.page import ROWS_MAX_PASSED, page_of
from simulator.results import SuiteResult
from simulator.rulebook import RULES
from tests.reports.builders import Told, at, finding, many_nights, story, suite, wiped, worked_timing

VOID = {"meta", "input", "br", "hr", "img", "link"}
SVG_EMPTY = {"path", "line", "rect", "circle"}


class Outline(HTMLParser):
    """Reads a page and holds it to account: every tag is closed, in order."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag in SVG_EMPTY, f"<{tag}/> is no empty tag in HTML"
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if data.strip() and self.open[-1:] not in (["style"], ["script"]):
            self.text.append(" ".join(data.split()))

    def attributes(self, tag: str, name: str) -> list[str]:
        return [attributes[name] or "" for each, attributes in self.tags if each == tag and name in attributes]

    def classes(self, tag: str, word: str) -> int:
        return sum(word in value.split() for value in self.attributes(tag, "class"))


def outline(results: SuiteResult) -> Outline:
    page = Outline()
    page.feed(render_html(results))
    page.close()
    assert page.open == [], "not closed"
    return page


def failed_suite() -> SuiteResult:
    return suite(
        story(wiped()),
        story(worked_timing(), path="b", title="The worked timing", rules=("F4", "A2")),
        story(wiped(), status="failed", path="c", title="It fails", findings=(finding(wiped()),)),
    )


def test_the_page_is_one_file_that_asks_nobody_for_anything(tmp_path: Path) -> None:
    path = write_html(failed_suite(), tmp_path / "report")
    assert path == tmp_path / "report" / "index.html"
    assert [each.name for each in path.parent.iterdir()] == ["index.html"]
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"https?://|@import|url\((?!#)", text)
    page = outline(failed_suite())
    assert page.attributes("script", "src") == []
    assert not [tag for tag, _ in page.tags if tag in ("link", "img", "iframe", "object")]
    assert all(href.startswith("#") for href in page.attributes("a", "href"))


def test_the_page_forbids_every_script_and_style_but_its_own() -> None:
    policy = next(value for value in outline(suite()).attributes("meta", "content") if "default-src" in value)
    assert "default-src 'none'" in policy
    assert "unsafe-inline" not in policy
    assert re.search(r"script-src 'sha256-[\w+/]{43}='", policy)
    text = render_html(failed_suite())
    assert " style=" not in text
    assert not re.search(r"\son\w+=", text)


@pytest.mark.parametrize("evil", ["<script>alert(1)</script>", "\"><img src=x onerror='alert(1)'>", "</title>&amp;"])
def test_names_are_shown_as_they_are_and_never_run(evil: str) -> None:
    told = Told().by_hand(at(14), f"adds {evil}", evil, who=evil).night(1, at(15, 1), evil)
    told.check(at(15, 6), f"{evil} is gone", evil, good=False)
    names = {"path": evil, "theme": evil, "about": evil, "rules": (evil,), "reproduce": evil}
    found = finding(told, message=evil, expected=evil, found=evil, hint=evil, file=evil, rules=(evil,))
    page = outline(suite(story(told, status="failed", title=evil, findings=(found,), **names)))
    assert len(page.attributes("script", "src")) == 0
    assert sum(tag == "script" for tag, _ in page.tags) == 1
    assert not [tag for tag, _ in page.tags if tag == "img"]
    assert evil in page.text


def test_control_characters_of_names_are_replaced() -> None:
    text = render_html(suite(story(title="Mei\x00\x1b[31m\ud800")))
    assert not re.search("[\x00-\x08\x0b-\x1f]", text)
    assert "Mei\ufffd\ufffd[31m\ufffd" in text


def test_the_top_says_verdict_counts_seed_and_sync() -> None:
    words = " ".join(outline(failed_suite()).text)
    assert "1 failed of 3 stories" in words
    assert "otus_sync.nightly:run" in words
    assert "seed 42" in words
    assert "All 2 stories passed" in " ".join(outline(suite(story(), story())).text)


def test_all_rules_are_in_the_table_and_those_without_a_story_say_so() -> None:
    words = " ".join(outline(failed_suite()).text)
    assert all(rule in words for rule in RULES.values())
    assert words.count("no story in this run") == len(RULES) - 3
    by_number = {rule.number: rule.status for rule in page_of(failed_suite()).rules}
    assert (by_number["F8"], by_number["F4"], by_number["F1"]) == ("failed", "passed", None)


def test_a_finding_is_told_in_full() -> None:
    words = " ".join(outline(failed_suite()).text)
    for said in (
        "library/by-hand/student-wiped.scenario.yaml:31:7",
        "added by hand by Rosa Diaz on Mon 14 Sep",
        RULES["F8"],
        "rostersim run library/by-hand/student-wiped.scenario.yaml --seed 42",
        "What led there",
    ):
        assert said in words


def test_stories_that_failed_come_first_and_are_open() -> None:
    page = outline(failed_suite())
    stories = [attributes for tag, attributes in page.tags if tag == "details" and "data-result" in attributes]
    assert [each["data-result"] for each in stories] == ["failed", "passed", "passed"]
    assert ["open" in each for each in stories] == [True, False, False]


def test_the_filter_has_labels_and_its_stories_what_it_looks_at() -> None:
    page = outline(failed_suite())
    assert page.attributes("input", "value") == ["", "failed", "passed"]
    assert [option for option in page.attributes("option", "value") if option] == list(RULES)
    assert "it fails" in page.attributes("details", "data-text")[0]
    assert page.attributes("details", "data-rules") == ["F8", "F8", "F4 A2"]


def test_the_drawing_has_an_arrow_for_the_72_hours_four_nights_and_five_flags() -> None:
    page = outline(suite(story(worked_timing())))
    assert page.classes("g", "way") == 1
    assert page.classes("g", "night") == 4
    assert page.classes("path", "moon") == 4
    assert page.classes("g", "write") == 1
    assert page.classes("g", "good") == 5
    assert page.classes("g", "lane") == 3
    assert "72 h" in page.text


def test_refusals_are_crosses_and_failed_checks_red_flags() -> None:
    told = Told().refused_by_ats(at(14), "adds a third co-teacher").check(at(15), "is there", good=False)
    page = outline(suite(story(told)))
    assert page.classes("g", "cross") == 1
    assert page.classes("g", "bad") == 1


def test_every_drawing_has_a_title_and_words_for_those_who_cannot_see_it() -> None:
    page = outline(failed_suite())
    pictures = [attributes for tag, attributes in page.tags if tag == "svg" and attributes.get("role") == "img"]
    ids = page.attributes("title", "id") + page.attributes("desc", "id")
    assert len(pictures) == 3
    for picture in pictures:
        assert all(name in ids for name in (picture["aria-labelledby"] or "").split())
    assert "1 edit in ATS; 1 delivery to Clever" in " ".join(page.text)


def test_no_two_things_have_the_same_id() -> None:
    page = outline(failed_suite())
    ids = [attributes["id"] for _, attributes in page.tags if "id" in attributes]
    assert len(ids) == len(set(ids))


def test_requests_are_in_the_journal_and_hidden_until_asked_for() -> None:
    page = outline(suite(story(wiped())))
    assert page.classes("tr", "request") == 5
    assert page.classes("input", "with-requests") == 1
    assert ".journal tr.request { display: none; }" in render_html(suite())


def test_a_long_journal_keeps_what_happened_and_says_what_is_left_out() -> None:
    told = many_nights(100)
    [view] = page_of(suite(story(told))).stories
    assert len(view.rows) == ROWS_MAX_PASSED
    assert view.rows_left_out == len(told.entries) - len(view.rows)
    assert f"{view.rows_left_out} entries are not on this page" in " ".join(outline(suite(story(told))).text)


def test_a_harness_that_broke_and_wrong_input_say_whose_fault_it_is() -> None:
    page = outline(suite(story(status="unusable"), story(status="broken", path="b")))
    words = " ".join(page.text)
    assert "Mend the input." in words
    assert "The harness itself failed" in words
    assert page.classes("p", "notice") == 2


def test_the_same_results_give_the_same_bytes() -> None:
    assert render_html(failed_suite()) == render_html(failed_suite())


def test_a_term_of_180_nights_stays_a_small_page() -> None:
    assert len(render_html(suite(story(many_nights(180))))) < 250_000


def test_an_empty_run_is_a_page_too() -> None:
    assert "No stories were run" in outline(suite()).text
