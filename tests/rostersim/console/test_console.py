"""The console over HTTP: what it shows, what it lets do, and whom."""

import html
import json
import re
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote, urlencode

import pytest

from fakes.shared.refusals import NotFound, Unauthorized
from rostersim.console.steps import Form, form_of, step_of, verbs_by_system
from rostersim.console.tickets import GOOD_FOR_SECONDS, Tickets
from rostersim.served.records import VerbField, VerbLine
from tests.rostersim.served.builders import BEGINNING, BY_HAND, ENROLL, Asker, served


class Answered(NamedTuple):
    """What the console answered."""

    status: int
    text: str
    headers: Mapping[str, str]


def ask(asker: Asker, path: str, form: Mapping[str, str] | None = None, **headers: str) -> Answered:
    """Ask as a browser does that has not signed in; underscores in headers are hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    body = None if form is None else urlencode(form).encode()
    request = urllib.request.Request(f"{asker.url}/console{path}", body, named)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return Answered(answer.status, answer.read().decode(), dict(answer.headers))
    except urllib.error.HTTPError as error:
        return Answered(error.code, error.read().decode(), dict(error.headers))


def do(asker: Asker, path: str, form: Mapping[str, str]) -> Answered:
    """Have something done as a browser does that has signed in."""
    return ask(asker, path, form, Authorization=f"Bearer {asker.token}")


def rows_of(page: str) -> dict[str, tuple[str, ...]]:
    """Give the cells of every row of three by its heading, and last whether it is marked."""
    found = {}
    for marked, row in re.findall(r'<tr( class="differs")?>\s*(<th scope="row">.*?)</tr>', page, re.DOTALL):
        cells = re.findall(r"<t[hd][^>]*>(.*?)</t[hd]>", row, re.DOTALL)
        name, *values = [re.sub(r"<[^>]+>", "", cell).strip() for cell in cells]
        found[name.removeprefix("≠ ")] = (*values, "differs" if marked else "")
    return found


def test_a_class_stands_side_by_side_and_what_differs_is_marked(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(ENROLL)
        page = ask(asker, "/main?class=Algebra%201-01").text
        rows = rows_of(page)
        assert rows["Mei Chen"] == ("student", "—", "—", "differs")
        assert rows["Ben Okri"] == ("student", "student", "student, by roster", "")
        assert "in Clever Thu 17 Sep 08:00" in page
        assert "in Otus Fri 18 Sep 01:00" in page
        asker.advance("Fri 18 Sep 02:00")
        assert rows_of(ask(asker, "/main/sight?class=Algebra%201-01").text)["Mei Chen"][-1] == ""


def test_a_school_and_a_person_are_shown_and_an_unknown_name_is_answered_with_the_nearest(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        assert "Algebra 1-01" in ask(asker, "/main?school=02M475").text
        assert "Ben Okri" in ask(asker, "/main?person=Ben%20Okri").text
        lost = ask(asker, "/main?person=Ben%20Orki")
        assert lost.status == 404
        assert "Ben Okri" in lost.text
        assert ask(asker, "/nowhere").status == 404


def test_reading_is_free_and_every_deed_needs_the_token(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        assert ask(asker, "/main").status == 200
        deeds = {
            "/main/clock/advance": {"to": "1h"},
            "/main/clock/sync": {},
            "/main/do": {"verb": "ats: enroll", "student": "Mei Chen", "section": "Algebra 1-01"},
            "/main/snapshots": {"name": "x", "deed": "save"},
            "/main/record/stop": {},
            "/tickets": {},
        }
        before = asker.get("/clock")
        for path, form in deeds.items():
            refused = ask(asker, path, form)
            assert refused.status == 401, path
            assert refused.headers["HX-Retarget"] == "#notice"
        assert asker.get("/clock") == before
        elsewhere = {"Authorization": f"Bearer {asker.token}", "Origin": "http://elsewhere.example"}
        assert ask(asker, "/main/clock/advance", {"to": "1h"}, **elsewhere).status == 403


def test_the_clock_is_turned_and_the_page_is_told_to_read_anew(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        answer = do(asker, "/main/clock/advance", {"to": "next night"})
        assert (answer.status, answer.headers["HX-Trigger"]) == (200, "world-moved")
        assert asker.until_ready()["nights"] == 1
        clock = ask(asker, "/main/clock?seen=earlier")
        assert "Tue 15 Sep 01:00" in clock.text
        assert clock.headers["HX-Trigger"] == "world-moved"
        back = do(asker, "/main/clock/advance", {"to": "Mon 14 Sep 09:00"})
        assert back.status == 422
        assert "lies before now" in back.text
        assert "no number" in do(asker, "/main/clock/run", {"speed": "fast"}).text
        assert do(asker, "/main/clock/jump", {}).status == 404


def test_a_step_is_done_by_its_form_and_a_refusal_says_why(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        form = {"verb": "ats: enroll", "student": "Mei Chen", "section": "Algebra 1-01"}
        done = do(asker, "/main/do", form)
        assert done.status == 200
        assert 'class="good"' in done.text
        assert "in Clever Thu 17 Sep 08:00" in done.text
        unknown = do(asker, "/main/do", {**form, "student": "Mei Chn"})
        assert unknown.status == 422
        assert "Mei Chen" in unknown.text
        twice = {"verb": "otus: add student", "student": "Mei Chen", "class": "Algebra 1-01"}
        do(asker, "/main/do", twice)
        assert 'class="bad"' in do(asker, "/main/do", twice).text


def test_tonight_the_wire_the_faults_and_the_recording_have_their_tabs(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(BY_HAND)
        at_once = ask(asker, "/main?tab=tonight").text
        assert "The sync is running on a copy of the world" in at_once
        assert "Mei Chen in Algebra 1-01" not in at_once
        (later,) = re.findall(r'hx-get="(/console/main/panel[^"]*plan=1)"', at_once)
        assert "Mei Chen in Algebra 1-01" in ask(asker, html.unescape(later).removeprefix("/console")).text
        assert "Mei Chen in Algebra 1-01" in ask(asker, "/main?tab=tonight").text, "it is known by now"
        asker.advance("next night")
        assert "/v3.1/sections" in ask(asker, "/main?tab=wire").text
        number = asker.get("/wire")["items"][0]["number"]
        assert "Authorization: (left out)" in ask(asker, f"/main/wire/{number}").text
        assert "Nothing is planned to go wrong" in ask(asker, "/main?tab=faults").text
        assert "district:" in ask(asker, "/main?tab=record").text
        assert ask(asker, "/main/record.scenario.yaml").headers["Content-Type"].startswith("application/yaml")
        assert "Mei Chen" in ask(asker, "/main?tab=timeline&person=Mei%20Chen").text
        assert ask(asker, "/main?tab=tomorrow").status == 404


def test_why_shows_the_five_steps_with_their_evidence(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(ENROLL)
        asker.advance("1d")
        page = ask(asker, f"/main?tab=why&person={quote('Mei Chen')}&class={quote('Algebra 1-01')}").text
        assert page.count('<li value="') >= 5
        assert "in Otus Fri 18 Sep 01:00" in page


def test_names_are_found_while_they_are_typed(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        assert "<option>Ben Okri</option>" in ask(asker, "/main/names?student=okri").text
        found = ask(asker, "/main/names?like=alge", HX_Target="found").text
        assert "/console/main?class=Algebra+1-01" in found
        assert "nobody" in ask(asker, "/main/names?like=zzz", HX_Target="found").text


def test_a_snapshot_is_taken_and_brought_back(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        assert "before taken" in do(asker, "/main/snapshots", {"name": "before", "deed": "save"}).text
        asker.advance("next night")
        do(asker, "/main/snapshots", {"name": "before", "deed": "restore"})
        assert asker.until_ready()["nights"] == 0


def test_a_recording_demands_what_should_be(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        do(asker, "/main/record/start", {"words": "Ticket 1234"})
        demanded = do(asker, "/main/record/expect", {"words": "Mei Chen: {in: Algebra 1-01}"})
        assert 'class="bad"' in demanded.text
        assert "Ticket 1234" in ask(asker, "/main/record.scenario.yaml").text


def test_nothing_on_a_page_comes_from_elsewhere_and_no_name_is_markup(tmp_path: Path) -> None:
    story = BEGINNING.replace("Ben Okri", '"<b>Ben & Co</b>"')
    with served(tmp_path / "state", story) as asker:
        page = ask(asker, "/main?class=Algebra%201-01")
        assert "&lt;b&gt;Ben" in page.text
        assert "<b>Ben" not in page.text
        assert "default-src 'none'" in page.headers["Content-Security-Policy"]
        assert re.findall(r"<script(?![^>]*\bsrc=)", page.text) == []
        assert re.findall(r'\son\w+="', page.text) == []
        for address in re.findall(r'(?:src|href)="([^"]+)"', page.text):
            assert address.startswith(("/", "#", "?", "data:,")), address
        assert "htmx" in ask(asker, "/script/htmx.js").text


def test_a_ticket_is_good_once_and_for_a_minute() -> None:
    now = [0.0]
    tickets = Tickets(lambda: now[0])
    first, second = tickets.issue("token"), tickets.issue("token")
    assert tickets.redeem(first) == "token"
    with pytest.raises(Unauthorized, match="used already"):
        tickets.redeem(first)
    now[0] = GOOD_FOR_SECONDS + 1
    with pytest.raises(Unauthorized, match="too old"):
        tickets.redeem(second)


def test_a_browser_comes_by_the_token_with_a_ticket(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        ticket = json.loads(do(asker, "/tickets", {}).text)["ticket"]
        assert json.loads(ask(asker, "/enter", {"ticket": ticket}).text)["token"] == asker.token
        assert ask(asker, "/enter", {"ticket": ticket}).status == 401


def test_every_verb_has_a_form_and_an_unknown_one_is_answered_with_the_nearest() -> None:
    for system, lines in verbs_by_system().items():
        for line in lines:
            assert form_of(f"{system}: {line.verb}").verb == line
    with pytest.raises(NotFound, match="ats: enroll"):
        form_of("ats: enrol")


def test_what_is_left_empty_is_left_out_and_several_names_are_a_list() -> None:
    fields = [
        VerbField("student", required=True, kind="student"),
        VerbField("co_teachers", required=False, kind="teacher, several"),
        VerbField("quietly", required=False, kind="yes or no"),
        VerbField("requests", required=False, kind="number"),
        VerbField("why", required=False, kind="text"),
    ]
    form = Form(VerbLine("ats", "edit", "", fields))
    given = {"student": " Mei Chen ", "co_teachers": "Ada, Bo,", "quietly": "yes", "requests": "7", "why": " "}
    assert step_of(form, given) == {
        "ats": "edit",
        "student": "Mei Chen",
        "co_teachers": ["Ada", "Bo"],
        "quietly": True,
        "requests": 7,
    }
