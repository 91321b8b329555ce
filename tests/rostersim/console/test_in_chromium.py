"""The console as a person uses it: in a real browser, with mouse and keyboard.

Chromium comes from the system's package; where it is not installed these tests are left out, and say so.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser, Page, ViewportSize, expect, sync_playwright

from rostersim.cli import cli
from rostersim.console.pictures import find_chromium
from rostersim.served.house import House
from tests.rostersim.served.builders import BEGINNING, Asker, house_of

CHROMIUM = find_chromium()
LAPTOP = ViewportSize(width=1280, height=800)
COLOURS = "(style => [style.color, style.backgroundColor])(getComputedStyle(document.body))"

pytestmark = [
    pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed: install the system's package chromium"),
    pytest.mark.xdist_group("chromium"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        # Nobody but this test's own server is asked; the sandbox of a container cannot be nested in another.
        switches = ["--no-sandbox"] if os.geteuid() == 0 else []
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=switches)
        yield browser
        browser.close()


@contextmanager
def opened(browser: Browser, folder: Path, story: str = BEGINNING) -> Iterator[tuple[Page, Asker]]:
    """Open the console signed in, as ``rostersim console`` does, and see that no error turned up in the page."""
    with house_of(folder) as (house, asker):
        house.ask(lambda: house.make("main", "a story", story), changes=True)
        page = browser.new_page(viewport=LAPTOP, reduced_motion="reduce")
        errors: list[str] = []
        page.on("pageerror", lambda error: errors.append(str(error)))
        try:
            page.goto(link(house, asker, folder))
            expect(page.get_by_role("button", name="Sign out")).to_be_visible()
            assert "ticket" not in page.url
            yield page, asker
        finally:
            page.close()
        assert errors == []


def link(house: House, asker: Asker, folder: Path) -> str:
    house.tell_address(asker.url)
    result = CliRunner().invoke(cli, ["console", "--link", "--state", str(folder)])
    assert result.exit_code == 0, result.output
    return result.output.strip()


def test_a_ticket_is_reproduced_with_the_mouse_alone(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as (page, _):
        page.get_by_role("link", name="Algebra 1-01").first.click()
        page.get_by_role("link", name="Do", exact=True).click()
        page.get_by_label("Step").select_option("ats: enroll")
        page.get_by_label("student").fill("Mei Chen")
        page.get_by_label("section").fill("Algebra 1-01")
        page.get_by_role("button", name="Do it now").click()
        expect(page.locator("#notice")).to_contain_text("in Clever Thu 17 Sep 08:00")
        mei = page.locator("#sight tr", has_text="Mei Chen")
        expect(mei).to_have_class("differs")
        page.get_by_role("button", name="+72 h").click()
        expect(mei.locator("td").nth(1)).to_have_text("student")
        expect(mei.locator("td").nth(2)).to_have_text("—")
        page.get_by_role("button", name="Next night").click()
        expect(mei.locator("td").nth(2)).to_have_text("student, by roster")
        expect(mei).not_to_have_class("differs")


def test_why_tells_when_it_will_be_right_by_itself(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as (page, asker):
        asker.do("{ats: enroll, student: Mei Chen, section: Algebra 1-01}")
        page.get_by_placeholder("Find a person").fill("mei")
        page.locator("#found").get_by_role("link", name="Mei Chen").click()
        page.get_by_role("link", name="Why is it so").click()
        expect(page.locator("#panel")).to_contain_text("in Clever Thu 17 Sep 08:00, in Otus Fri 18 Sep 01:00")


def test_the_keyboard_does_what_the_mouse_does(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as (page, _):
        page.keyboard.press("n")
        expect(page.locator(".now strong")).to_have_text("Tue 15 Sep 01:00")
        page.keyboard.press("/")
        expect(page.get_by_placeholder("Find a person")).to_be_focused()
        page.keyboard.type("alg")
        expect(page.locator("#found").get_by_role("link", name="Algebra 1-01")).to_be_visible()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", name="Algebra 1-01")).to_be_visible()
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement !== document.body")


def test_whoever_has_no_token_is_asked_for_it_and_nothing_has_happened(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as (page, asker):
        page.get_by_role("button", name="Sign out").click()
        page.get_by_role("button", name="Next night").click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert asker.get("/clock")["nights"] == 0
        page.get_by_label("Token", exact=True).fill(asker.token)
        page.get_by_role("dialog").get_by_role("button", name="Sign in").click()
        page.get_by_role("button", name="Next night").click()
        expect(page.locator(".now strong")).to_have_text("Tue 15 Sep 01:00")


def test_a_clock_that_runs_moves_the_page_and_can_be_paused(browser: Browser, tmp_path: Path) -> None:
    with opened(browser, tmp_path) as (page, asker):
        page.get_by_label("Simulated seconds in a real one").fill("36000")
        page.get_by_role("button", name="Run").click()
        expect(page.locator(".state")).to_have_text("running")
        expect(page.locator(".now strong")).not_to_have_text("Mon 14 Sep 08:00")
        page.get_by_role("button", name="Pause").click()
        expect(page.locator(".state")).to_have_text("ready")
        assert asker.get("/clock")["status"] == "ready"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_tab_is_readable_on_a_laptop_in_light_and_in_dark(browser: Browser, tmp_path: Path, scheme: str) -> None:
    with opened(browser, tmp_path) as (page, asker):
        asker.do("{otus: add student, student: Mei Chen, class: Algebra 1-01}")
        page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]  # one of the two literals
        for tab in ("Timeline", "Why?", "Tonight", "Do", "Faults", "Wire", "Record"):
            page.get_by_label("Views").get_by_role("link", name=tab, exact=True).click()
            expect(page.get_by_label("Views").get_by_role("link", name=tab, exact=True)).to_have_attribute(
                "aria-current", "page"
            )
            if tab == "Tonight":
                expect(page.locator("#panel")).to_contain_text("Mei Chen in Algebra 1-01")
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), tab
            ink, paper = page.evaluate(
                "[getComputedStyle(document.body).color, getComputedStyle(document.body).backgroundColor]"
            )
            assert contrast(ink, paper) > 7


def contrast(one: str, other: str) -> float:
    """Give the ratio of two colours' luminance, as the guidelines for accessible pages define it."""

    def luminance(colour: str) -> float:
        parts = [int(part) / 255 for part in colour.removeprefix("rgb(").removesuffix(")").split(",")]
        linear = [part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)
