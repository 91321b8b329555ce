"""How a story is played and judged: what happens when, and whose fault it is when something does not hold."""

import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

import scenarios.play
from scenarios.play import DEFAULT_SUT, FINDINGS_MAX, Options, play_file, reproduce
from simulator.journal import Entry
from simulator.results import StoryResult
from simulator.sut import CallableSut, CommandSut, NightlySync, Sut, read_spec
from tests.scenarios.builders import DISTRICT, WIPED, played, story_file, story_text
from tests.simulator.builders import Client, asking, idle

STUB = "callable: tests.simulator.builders:idle"


def play(
    folder: Path, story: str, sync: NightlySync | Sut = idle, *, options: Options | None = None, **parts: str
) -> Any:
    """Play a small story with a sync of the test's own."""
    path = story_file(folder, story_text(story, **parts))
    sut = CallableSut(sync) if callable(sync) else sync
    return play_file(path, path.name, options or Options(STUB, real_seconds_max=20), sut)


def told(result: StoryResult, *kinds: str) -> list[tuple[str, str]]:
    """What happened, with the hour, minute and second in New York; September is four hours behind."""
    return [(clock_of(entry), entry.what) for entry in result.entries if entry.kind in (kinds or (entry.kind,))]


def clock_of(entry: Entry) -> str:
    day, hour = int(entry.at[8:10]), int(entry.at[11:13]) - 4
    return f"{day if hour >= 0 else day - 1} {hour % 24:02d}{entry.at[13:19]}"


LOOK = "expect: {Mei Chen: {account: active}}"


# ---------------------------------------------------------------- the course of a story


def test_steps_and_nights_happen_in_the_order_of_time(tmp_path: Path) -> None:
    story = (
        "  - Mon 14 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}\n"
        f"  - before night 1: {{{LOOK}}}\n"
        f"  - after nights 1-2: {{{LOOK}}}\n"
        f"  - +1h: {{{LOOK}}}\n"
        f"  - 2026-09-17 10:00: {{{LOOK}}}\n"
    )
    assert told(play(tmp_path, story)) == [
        ("14 10:00:00", "adds Mei Chen to Algebra 1-01"),
        ("15 01:00:00", "Mei Chen: as expected"),
        ("15 01:00:00", "begins"),
        ("15 01:00:00", "ends: succeeded"),
        ("15 01:00:00", "Mei Chen: as expected"),
        ("16 01:00:00", "begins"),
        ("16 01:00:00", "ends: succeeded"),
        ("16 01:00:00", "Mei Chen: as expected"),
        ("16 02:00:00", "Mei Chen: as expected"),
        ("17 01:00:00", "begins"),
        ("17 01:00:00", "ends: succeeded"),
        ("17 10:00:00", "Algebra 1-01: enroll Mei Chen"),
        ("17 10:00:00", "Mei Chen: as expected"),
    ]


def test_an_edit_at_the_moment_of_the_night_comes_before_the_sync(tmp_path: Path) -> None:
    story = "  - Tue 15 Sep 01:00: {otus: rename class, class: Algebra 1-01, to: Algebra}\n  - after night 1: {%s}\n"
    assert [what for _, what in told(play(tmp_path, story % LOOK))] == [
        "renames Algebra 1-01 to Algebra",
        "begins",
        "ends: succeeded",
        "Mei Chen: as expected",
    ]


def test_a_delivery_that_falls_due_at_the_moment_of_the_night_comes_before_everything_else(tmp_path: Path) -> None:
    story = (
        "  - Mon 14 Sep 09:00: {ats: change email, person: Mei Chen, email: mei@students.example}\n"
        "  - Tue 15 Sep 01:00: {otus: rename class, class: Algebra 1-01, to: Algebra}\n"
        "  - after night 1: {expect: {Mei Chen: {email in Clever: mei@students.example}}}\n"
    )
    result = play(tmp_path, story, head="settings: {feed: {lag: 16h}}\n")
    assert [what for at, what in told(result) if at == "15 01:00:00"][:3] == [
        "Mei Chen: change email",
        "renames Algebra 1-01 to Algebra",
        "begins",
    ]


def test_what_stands_under_one_time_happens_at_it_one_after_the_other(tmp_path: Path) -> None:
    story = (
        f"  - +72h:\n      - {{clever: pause}}\n      - {{clever: resume}}\n      - {{{LOOK}}}\n  - +1h: {{{LOOK}}}\n"
    )
    assert told(play(tmp_path, story), "edit", "fault", "expectation") == [
        ("17 08:00:00", "pauses the district"),
        ("17 08:00:00", "resumes the district"),
        ("17 08:00:00", "Mei Chen: as expected"),
        ("17 09:00:00", "Mei Chen: as expected"),
    ]


def test_all_that_is_expected_after_several_nights_is_looked_at_after_each(tmp_path: Path) -> None:
    other = "expect: {Ben Okri: {account: active}}"
    result = play(tmp_path, f"  - after nights 1-3: [{{{LOOK}}}, {{{other}}}]\n")
    assert [what for _, what in told(result)] == [
        "begins",
        "ends: succeeded",
        "Mei Chen: as expected",
        "Ben Okri: as expected",
    ] * 3
    assert (result.status, result.nights, result.checks) == ("passed", 3, 3 * 4)  # invariants, oracle, two expectations


def test_an_expectation_that_holds_on_some_nights_only_fails_on_the_others(tmp_path: Path) -> None:
    story = (
        "  - Tue 15 Sep 10:00: {otus: change email, person: Mei Chen, email: m@x.example}\n"
        "  - after nights 2-4: {expect: {Mei Chen: {email: mei.chen@students.example}}}\n"
    )
    result = play(tmp_path, story)
    assert [finding.at[8:10] for finding in expectations(result) if finding.at] == ["16", "17", "18"]


def expectations(result: StoryResult) -> list[Any]:
    return [finding for finding in result.findings if finding.kind == "expectation"]


def test_a_step_at_a_time_at_which_the_sync_still_runs_happens_then(tmp_path: Path) -> None:
    def slow(_environ: Mapping[str, str]) -> int:
        time.sleep(3600)
        return 0

    story = f"  - Tue 15 Sep 01:30: {{{LOOK}}}\n  - after night 1: {{{LOOK}}}\n"
    assert told(play(tmp_path, story, slow, options=quick())) == [
        ("15 01:00:00", "begins"),
        ("15 01:30:00", "Mei Chen: as expected"),
        ("15 02:00:00", "ends: succeeded"),
        ("15 02:00:00", "Mei Chen: as expected"),
    ]


def quick(**more: Any) -> Options:
    """Options without the second run of every night."""
    return Options(STUB, second_run=False, real_seconds_max=20)._replace(**more)


def test_a_sync_started_by_hand_runs_at_once_and_the_story_goes_on_when_it_has_ended(tmp_path: Path) -> None:
    def slow(_environ: Mapping[str, str]) -> int:
        time.sleep(600)
        return 0

    story = f"  - Mon 14 Sep 10:00: [{{sync: run now}}, {{{LOOK}}}]\n  - after night 1: {{{LOOK}}}\n"
    result = play(tmp_path, story, slow, options=quick())
    assert told(result, "night", "expectation")[:3] == [
        ("14 10:00:00", "begins"),
        ("14 10:10:00", "ends: succeeded"),
        ("14 10:10:00", "Mei Chen: as expected"),
    ]
    assert [entry.night for entry in result.entries if entry.kind == "night"] == [0, 0, 1, 1]


def test_a_run_started_by_hand_that_lasts_into_the_night_goes_first_and_the_night_follows(tmp_path: Path) -> None:
    def slow(_environ: Mapping[str, str]) -> int:
        time.sleep(3600)
        return 0

    story = f"  - Tue 15 Sep 00:30: {{sync: run now}}\n  - after night 1: {{{LOOK}}}\n"
    assert told(play(tmp_path, story, slow, options=quick()), "night") == [
        ("15 00:30:00", "begins"),
        ("15 01:30:00", "ends: succeeded"),
        ("15 01:30:00", "begins"),
        ("15 02:30:00", "ends: succeeded"),
    ]


def test_no_night_is_left_out_by_a_run_that_lasts_over_the_next(tmp_path: Path) -> None:
    calls: list[int] = []

    def slow(_environ: Mapping[str, str]) -> int:
        calls.append(1)
        if len(calls) == 1:
            time.sleep(30 * 3600)
        return 0

    result = play(tmp_path, f"  - after night 3: {{{LOOK}}}\n", slow, options=quick(simulated_hours_max=40))
    assert told(result, "night") == [
        ("15 01:00:00", "begins"),
        ("16 07:00:00", "ends: succeeded"),
        ("16 07:00:00", "begins"),
        ("16 07:00:00", "ends: succeeded"),
        ("17 01:00:00", "begins"),
        ("17 01:00:00", "ends: succeeded"),
    ]


# ---------------------------------------------------------------- what does not hold


def test_a_wrong_expectation_is_told_with_everything_that_led_there(tmp_path: Path) -> None:
    result = played(tmp_path, WIPED.replace("not in:", "in:"))
    (finding,) = result.findings
    assert result.status == "failed"
    assert (finding.kind, finding.file, finding.line, finding.rules) == (
        "expectation",
        "small.scenario.yaml",
        12,
        ("F8",),
    )
    assert finding.message == "Mei Chen is not in Algebra 1-01"
    assert (finding.expected, finding.found) == ("in Algebra 1-01", "not in Algebra 1-01")
    assert (finding.at or "").startswith("2026-09-15T05:00:00")
    assert [entry.what for entry in finding.timeline if entry.kind != "expectation"] == [
        "adds Mei Chen to Algebra 1-01 as a student",
        "ends: succeeded",
    ]


@pytest.mark.parametrize(
    ("expectation", "message", "expected", "found"),
    [
        ("Mei Chen: {account: none}", "the account of Mei Chen is not as expected", "none", "active"),
        ("Mei Chen: {role: teacher}", "the role of Mei Chen in Otus is not as expected", "teacher", "student"),
        ("Mei Chen: {called: M C}", "the name of Mei Chen in Otus is not as expected", "M C", "Mei Chen"),
        (
            "Mei Chen: {account by: hand}",
            "the account's origin of Mei Chen in Otus is not as expected",
            "hand",
            "roster",
        ),
        (
            "Mei Chen: {same account: no}",
            "Mei Chen has the account of before",
            "another account",
            "the account of before",
        ),
        ("Mei Chen: {in ATS: Algebra 1-01}", "ATS/STARS and Mei Chen", "listed in Algebra 1-01", "not listed in"),
        ("Mei Chen: {in Clever: Algebra 1-01}", "Clever and Mei Chen", "listed in Algebra 1-01", "not listed in"),
        ("Mei Chen: {known to Clever: no}", "Clever and Mei Chen", "unknown", "known"),
        ("Mei Chen: {email in Clever: m@x}", "the e-mail of Mei Chen in Clever", "m@x", "mei.chen@students.example"),
        ("Ben Okri: {not in: Algebra 1-01}", "Ben Okri is in Algebra 1-01", "not in", "as a student, by roster"),
        ("Ben Okri: {in: Algebra 1-01, by: hand}", "Ben Okri is in Algebra 1-01 by roster", "by hand", "by roster"),
        (
            "Ben Okri: {in: Algebra 1-01, as: teacher}",
            "Ben Okri is in Algebra 1-01 as a student",
            "as a teacher",
            "as a",
        ),
        ("Ben Okri: {not in ATS: Algebra 1-01}", "ATS/STARS and Ben Okri", "not listed in", "listed in"),
        ("Ben Okri: {work: {Algebra 1-01: visible}}", "the work of Ben Okri in Algebra 1-01", "visible", "none"),
        (
            "Mei Chen: {diagnosis: {Algebra 1-01: not missing}}",
            "why Mei Chen is missing from Algebra 1-01",
            "not missing",
            "not in the section (ATS does not list",
        ),
        ("Algebra 1-01: {state: archived}", "the class Algebra 1-01 is not as expected", "archived", "active"),
        ("Algebra 1-01: {teacher: Mei Chen}", "the teachers of Algebra 1-01", "Mei Chen", "Rosa Diaz"),
        ("Algebra 1-01: {students: []}", "the students of Algebra 1-01", "nobody", "Ben Okri"),
        ("Algebra 1-01: {co-teachers: Rosa Diaz}", "the co-teachers of Algebra 1-01", "Rosa Diaz", "nobody"),
        ("Algebra 1-01: {student count: 2}", "the number of students in Algebra 1-01", "2", "1"),
        ("Algebra 1-01: {called: Algebra}", "the name of Algebra 1-01 in Otus", "Algebra", "Algebra 1-01"),
        ("sync: {ended: succeeded}", "the sync has not run yet", "a run", "none"),
    ],
)
def test_each_thing_that_can_be_expected_can_fail(
    tmp_path: Path, expectation: str, message: str, expected: str, found: str
) -> None:
    result = play(tmp_path, f"  - +1h: {{expect: {{{expectation}}}}}\n")
    (finding,) = result.findings
    assert result.status == "failed"
    assert finding.message.startswith(message)
    assert (finding.expected.startswith(expected), found in finding.found) == (True, True), finding


@pytest.mark.parametrize(
    ("expectation", "message"),
    [
        ("ended: held", "the last sync ended otherwise"),
        ("'at': Tue 15 Sep 02:00", "the last sync ran at another time"),
        ("reason: rate limit", "the last sync gives another reason"),
        ("writes: yes", "what the last sync wrote"),
        ("reports: Mei Chen", "whom the last sync reports"),
    ],
)
def test_each_thing_that_can_be_expected_of_the_sync_can_fail(tmp_path: Path, expectation: str, message: str) -> None:
    result = play(tmp_path, f"  - after night 1: {{expect: {{sync: {{{expectation}}}}}}}\n")
    assert [finding.message for finding in result.findings] == [message]


@pytest.mark.parametrize(
    "expectation",
    ["same account: yes", "email: m@x.example", "role: student", "called: Noor Haddad", "account by: hand"],
)
def test_whatever_is_expected_of_an_account_that_is_not_there_fails(tmp_path: Path, expectation: str) -> None:
    story = (
        "  - +1h:\n    - {ats: new student, student: Noor Haddad, school: 02M475}\n"
        f"    - {{expect: {{Noor Haddad: {{{expectation}}}}}}}\n"
    )
    (finding,) = play(tmp_path, story).findings
    assert (finding.message, finding.found) == ("Noor Haddad has no account in Otus", "none")


@pytest.mark.parametrize("word", ["in ATS", "not in ATS", "diagnosis"])
def test_to_look_for_somebody_by_hand_in_ats_is_a_finding_and_no_defect(tmp_path: Path, word: str) -> None:
    what = "{Algebra 1-01: not missing}" if word == "diagnosis" else "Algebra 1-01"
    story = (
        "  - +1h:\n    - {otus: add student, student: Noor Haddad, class: Algebra 1-01, email: noor@x.example}\n"
        f"    - {{expect: {{Noor Haddad: {{{word}: {what}}}}}}}\n"
    )
    result = play(tmp_path, story)
    assert (result.status, [finding.message for finding in result.findings]) == (
        "failed",
        ["there is nobody called Noor Haddad in ATS/STARS now"],
    )


def test_many_findings_are_only_more_of_the_same(tmp_path: Path) -> None:
    result = play(tmp_path, "  - after nights 1-60: {expect: {Mei Chen: {account: none}}}\n", options=quick())
    assert (result.status, len(result.findings), result.nights) == ("failed", FINDINGS_MAX, 60)


# ---------------------------------------------------------------- refusals


ENROLL_BEN = "ats: enroll, student: Ben Okri, section: Algebra 1-01"


def test_a_refusal_that_is_expected_holds(tmp_path: Path) -> None:
    result = play(tmp_path, f"  - +1h: [{{{ENROLL_BEN}, refused: already}}, {{{LOOK}}}]\n")
    assert result.status == "passed"
    assert told(result, "refusal") == [("14 09:00:00", "adds Ben Okri to Algebra 1-01")]


def test_a_refusal_that_was_not_expected_ends_the_story(tmp_path: Path) -> None:
    result = play(tmp_path, f"  - +1h: [{{{ENROLL_BEN}}}, {{{LOOK}}}]\n")
    (finding,) = result.findings
    assert (result.status, finding.kind, finding.line) == ("failed", "refusal", 10)
    assert finding.message == "DIIT office adds Ben Okri to Algebra 1-01: refused"
    assert (finding.expected, "already" in finding.found) == ("accepted", True)
    assert told(result, "expectation") == []


def test_a_refusal_that_was_expected_and_does_not_come_is_found_and_the_story_goes_on(tmp_path: Path) -> None:
    enroll = "ats: enroll, student: Mei Chen, section: Algebra 1-01, refused: no room"
    result = play(tmp_path, f"  - +1h: [{{{enroll}}}, {{{LOOK}}}]\n")
    (finding,) = result.findings
    assert finding.message == "DIIT office adds Mei Chen to Algebra 1-01: not refused"
    assert (finding.expected, finding.found) == ("refused: no room", "accepted")
    assert len(told(result, "expectation")) == 1


def test_a_refusal_in_other_words_is_found(tmp_path: Path) -> None:
    (finding,) = play(tmp_path, f"  - +1h: {{{ENROLL_BEN}, refused: too late}}\n").findings
    assert finding.message == "DIIT office adds Ben Okri to Algebra 1-01: refused in other words"
    assert (finding.expected, "already" in finding.found) == ("too late", True)


def test_what_a_refused_step_has_changed_before_it_was_refused_sets_out_too(tmp_path: Path) -> None:
    """A move drops first and enrolls then: the drop has happened, and is in Clever 72 hours later."""
    district = DISTRICT + "      Algebra 2-01: {students: [Ben Okri]}\n"
    story = (
        "  - Mon 14 Sep 10:00: {ats: move, student: Ben Okri, from: Algebra 1-01, to: Algebra 2-01, refused: already}\n"
        "  - Fri 18 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 2-01}\n"
        "  - +1h: {expect: {Ben Okri: {not in Clever: Algebra 1-01}}}\n"
    )
    result = play(tmp_path, story, district=district)
    assert told(result, "delivery") == [("17 10:00:00", "Algebra 1-01: drop Ben Okri")]
    assert {finding.kind for finding in result.findings} == {"invariant"}, "an idle sync misses it; no more is wrong"


def test_a_step_for_which_something_is_missing_is_a_finding(tmp_path: Path) -> None:
    story = "  - +1h: [{otus: delete class, class: Algebra 1-01}, {otus: archive class, class: Algebra 1-01}]\n"
    result = play(tmp_path, story)
    assert (result.status, [finding.message for finding in result.findings]) == (
        "failed",
        ["Otus has no class Algebra 1-01 now"],
    )


def test_a_new_person_of_a_known_name_has_an_address_of_their_own(tmp_path: Path) -> None:
    story = (
        "  - +1h: {ats: new student, student: Mei Chen (grade 9), called: Mei Chen, school: 02M475}\n"
        "  - +73h: {expect: {Mei Chen (grade 9): {email in Clever: mei.chen1@students.example}}}\n"
    )
    result = play(tmp_path, story)
    assert result.status == "passed", result.findings


def test_courses_that_begin_alike_are_two_courses(tmp_path: Path) -> None:
    district = DISTRICT + "      Introduction to Biology-01: {}\n      Introduction to Physics-01: {}\n"
    story = (
        "  - +1h: {ats: new section, section: Introduction to Chemistry-01, school: 02M475}\n"
        "  - +80h: {expect: {Ben Okri: {account: active}}}\n"
    )
    assert play(tmp_path, story, district=district).status == "passed"


# ---------------------------------------------------------------- the sync's fault


def a_night(folder: Path, sync: NightlySync | Sut, options: Options | None = None) -> StoryResult:
    result: StoryResult = play(folder, f"  - after night 2: {{{LOOK}}}\n", sync, options=options)
    return result


def test_a_sync_that_raises_fails_the_story_with_what_it_said_and_the_next_night_comes(tmp_path: Path) -> None:
    def raising(_environ: Mapping[str, str]) -> int:
        raise ValueError("no such school")

    result = a_night(tmp_path, raising)
    assert (result.status, result.nights) == ("failed", 2)
    assert [(finding.kind, finding.message) for finding in result.findings] == [
        ("sync", "the sync failed in night 1"),
        ("sync", "the sync failed in night 2"),
    ]
    assert result.findings[0].found.endswith("ValueError: no such school")


def test_a_sync_that_begins_a_run_and_never_ends_it_has_crashed(tmp_path: Path) -> None:
    result = a_night(tmp_path, asking(lambda client: client.otus("POST", "/sync-runs", {"lease_seconds": 60})))
    assert [finding.message for finding in result.findings] == [
        "the sync crashed in night 1",
        "the sync crashed in night 2",
    ]


def test_a_sync_that_hangs_fails_the_story(tmp_path: Path) -> None:
    sleeper = CommandSut([sys.executable, "-c", "import time; time.sleep(600)"])
    result = a_night(tmp_path, sleeper, quick(real_seconds_max=0.5))
    assert result.status == "failed"
    assert [finding.message for finding in result.findings] == [
        "the sync has to be stopped in night 1",
        "the sync has to be stopped in night 2",
    ]
    assert result.findings[0].found == "the sync said nothing for 0.5 s of real time"


def test_a_sync_that_cannot_be_started_makes_the_story_unusable(tmp_path: Path) -> None:
    program = tmp_path / "sync"
    program.write_bytes(b"\x00 no program")
    program.chmod(0o755)
    result = a_night(tmp_path, CommandSut([str(program)]))
    assert (result.status, [finding.kind for finding in result.findings]) == ("unusable", ["sync"])
    assert "cannot be started: Exec format error" in result.findings[0].message


def test_a_sync_that_cannot_report_while_a_system_is_down_is_excused(tmp_path: Path) -> None:
    def asks(environ: Mapping[str, str]) -> int:
        with Client(environ) as client:
            return int(client.otus("GET", "/accounts").status != 200)

    story = f"  - +1h: {{otus: goes down}}\n  - after night 1: {{{LOOK}}}\n"
    assert play(tmp_path, story, asks).status == "passed"


def test_a_sync_that_breaks_a_rule_fails_the_story_though_nothing_of_it_was_expected(tmp_path: Path) -> None:
    def wipe(client: Client) -> None:
        (klass,) = client.otus("GET", "/classes").json()["items"]
        row = {"clever_id": klass["clever_id"], "id": klass["id"], "roster": {"teacher": None}}
        assert client.otus("POST", "/classes/bulk", {"rows": [row]}).status == 200

    result = a_night(tmp_path, asking(wipe))
    assert result.status == "failed"
    assert {finding.kind for finding in result.findings} == {"invariant"}
    assert "after night 1: Ben Okri is in Algebra 1-01 in Clever, and not on its roster in Otus" in {
        finding.message for finding in result.findings
    }
    assert result.findings[0].rules == ("F4",)


def test_a_sync_that_changes_something_again_and_again_fails_the_story(tmp_path: Path) -> None:
    calls: list[int] = []

    def restless(client: Client) -> None:
        calls.append(1)
        mei = next(a for a in client.otus("GET", "/accounts?role=student").json()["items"] if a["last_name"] == "Chen")
        row = {"id": mei["id"], "clever_id": mei["clever_id"], "sis_id": f"{len(calls):09d}"}
        client.otus("POST", "/accounts/bulk", {"rows": [row]})

    result = a_night(tmp_path, asking(restless))
    assert a15(result) == [
        "after night 1: a second run right after the night changes something",
        "after night 2: a night for which nothing was new changes something",
    ]
    assert {finding.rules for finding in result.findings} == {("A15",)}
    assert a_night(tmp_path, asking(restless), quick()).status == "passed", "unless nobody looks"


def a15(result: StoryResult) -> list[str]:
    return [finding.message for finding in result.findings if finding.rules == ("A15",)]


def counted(runs: list[str], then: NightlySync = idle) -> NightlySync:
    """A sync that takes down where its ledger was in each run, and then does something."""

    def sync(environ: Mapping[str, str]) -> int | None:
        runs.append(environ["SYNC_STATE_DIR"])
        return then(environ)

    return sync


def real_nights(runs: list[str]) -> list[bool]:
    """For each run, whether it was a night's own; the rest were second runs, with a copy of the ledger."""
    return [folder == runs[0] for folder in runs]


def test_a_night_for_which_nothing_was_new_is_the_second_run_of_the_night_before_it(tmp_path: Path) -> None:
    runs: list[str] = []
    assert play(tmp_path, f"  - after night 4: {{{LOOK}}}\n", counted(runs)).status == "passed"
    assert real_nights(runs) == [True, False, True, True, True]


@pytest.mark.parametrize(
    "new",
    [
        "{otus: add student, student: Mei Chen, class: Algebra 1-01}",
        "{clever: stop sharing, school: 02M475}",
    ],
)
def test_a_night_for_which_something_was_new_has_a_second_run_of_its_own(tmp_path: Path, new: str) -> None:
    runs: list[str] = []
    play(tmp_path, f"  - Wed 16 Sep 10:00: {new}\n  - after night 4: {{{LOOK}}}\n", counted(runs))
    assert real_nights(runs) == [True, False, True, True, False, True]


def test_a_sync_that_is_restless_on_quiet_nights_only_is_found_out(tmp_path: Path) -> None:
    runs: list[str] = []

    def third(environ: Mapping[str, str]) -> int | None:
        return asking(write_ben)(environ) if len(runs) == 4 else 0

    result = play(tmp_path, f"  - after night 4: {{{LOOK}}}\n", counted(runs, third))
    assert real_nights(runs) == [True, False, True, True, True]
    assert a15(result) == ["after night 3: a night for which nothing was new changes something"]


def write_ben(client: Client) -> None:
    """Write about Ben what Otus has already: no change, and yet a write."""
    ben = next(a for a in client.otus("GET", "/accounts?role=student").json()["items"] if a["last_name"] == "Okri")
    row = {"id": ben["id"], "clever_id": ben["clever_id"], "first_name": "Ben"}
    assert client.otus("POST", "/accounts/bulk", {"rows": [row]}).status == 200


def fails_in_its_fourth_run(runs: list[str]) -> NightlySync:
    """A sync that is well in its first nights, and in the third one says that it has failed."""

    def fail(client: Client) -> None:
        run = client.otus("POST", "/sync-runs", {"lease_seconds": 60}).json()["id"]
        assert client.otus("PATCH", f"/sync-runs/{run}", {"status": "failed", "reason": "no idea"}).status == 200

    return counted(runs, lambda environ: asking(fail)(environ) if len(runs) == 4 else 0)


def test_a_sync_that_fails_for_no_reason_on_a_quiet_night_is_found_out(tmp_path: Path) -> None:
    runs: list[str] = []
    result = play(tmp_path, f"  - after night 4: {{{LOOK}}}\n", fails_in_its_fourth_run(runs))
    assert a15(result) == ["after night 3: a night for which nothing was new changes something"]
    assert real_nights(runs) == [True, False, True, True, True, False], "after it the second run is rehearsed again"


def test_a_quiet_night_on_which_the_disk_is_full_may_fail(tmp_path: Path) -> None:
    story = f"  - Mon 14 Sep 10:00: {{fault: sync's disk is full, night: 3}}\n  - after night 4: {{{LOOK}}}\n"
    result = play(tmp_path, story, fails_in_its_fourth_run([]))
    assert (result.status, result.nights) == ("passed", 4)


@pytest.mark.parametrize(
    "trouble",
    [
        "  - Wed 16 Sep 10:00: {fault: clever answers 503, requests: all, night: 3}\n",
        "  - during night 3, after request 3: {fault: clever rotates the token}\n",
    ],
)
def test_a_quiet_night_that_somebody_disturbs_may_fail(tmp_path: Path, trouble: str) -> None:
    result = play(tmp_path, f"{trouble}  - after night 4: {{{LOOK}}}\n", read_spec(DEFAULT_SUT))
    ends = [entry.what for entry in result.entries if entry.kind == "night" and entry.good is not None]
    assert ends == ["ends: succeeded", "ends: succeeded", "ends: failed", "ends: succeeded"]
    assert (result.status, result.findings) == ("passed", ())


# ---------------------------------------------------------------- nobody's fault


def slow_readers(hours: int) -> NightlySync:
    def sync(_environ: Mapping[str, str]) -> int:
        time.sleep(hours * 3600)
        return 0

    return sync


@pytest.mark.parametrize(
    "step",
    [
        "otus: add student, student: Mei Chen, class: Algebra 1-01",
        "otus: add student, student: Ben Okri, class: Sandbox, by: Rosa Diaz",
        "otus: remove, person: Ben Okri, class: Algebra 1-01",
        "otus: archive class, class: Algebra 1-01",
        "otus: delete class, class: Sandbox, by: Rosa Diaz",
        "otus: change email, person: Mei Chen, email: m@x.example",
        "otus: rename, person: Ana Park, to: Anna Park",
        "clever: stop sharing, school: 02M475",
        "feed: loses school, school: 02M475",
    ],
)
def test_what_people_do_while_the_sync_runs_is_not_laid_to_the_sync(tmp_path: Path, step: str) -> None:
    story = (
        "  - +1h: {otus: make class, class: Sandbox, teacher: Rosa Diaz, students: [Mei Chen]}\n"
        f"  - Tue 15 Sep 02:00: {{{step}}}\n"
        "  - after night 1: {expect: {sync: {ended: succeeded}}}\n"
    )
    result = play(tmp_path, story, slow_readers(2), head="others: {Ana Park: {is: admin in Otus}}\n")
    assert result.status == "passed", result.findings


def test_a_delivery_while_the_sync_runs_is_not_laid_to_the_sync(tmp_path: Path) -> None:
    story = (
        "  - Tue 15 Sep 02:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}\n"
        "  - after night 4: {expect: {Mei Chen: {in Clever: Algebra 1-01, not in: Algebra 1-01}}}\n"
    )
    assert play(tmp_path, story, slow_readers(2)).status == "passed"


def test_a_sync_that_missed_a_delivery_is_not_asked_to_run_again_at_once(tmp_path: Path) -> None:
    """It would write what it has just missed, rightly; the next night does."""
    story = (
        "  - Tue 15 Sep 02:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}\n"
        "  - after night 4: {expect: {Mei Chen: {in Clever: Algebra 1-01, not in: Algebra 1-01}}}\n"
        "  - after night 5: {expect: {Mei Chen: {in: Algebra 1-01, by: roster}, sync: {writes: yes}}}\n"
    )
    result = play(tmp_path, story, asking(copies_what_it_read_two_hours_ago))
    assert result.status == "passed", result.findings


def copies_what_it_read_two_hours_ago(client: Client) -> None:
    (section,) = client.clever("/v3.1/sections").json()["data"]
    time.sleep(2 * 3600)
    ids = {account["clever_id"]: account["id"] for account in client.otus("GET", "/accounts").json()["items"]}
    (held,) = client.otus("GET", "/rosters").json()["items"]
    students = sorted(ids[student] for student in section["data"]["students"])
    if students != sorted(held["roster"]["students"]):
        row = {
            "clever_id": section["data"]["id"],
            "id": held["class_id"],
            "roster": held["roster"] | {"students": students},
        }
        assert client.otus("POST", "/classes/bulk", {"rows": [row]}).status == 200


def test_the_same_done_before_the_sync_is_the_syncs(tmp_path: Path) -> None:
    story = (
        "  - +1h: {otus: add student, student: Mei Chen, class: Algebra 1-01}\n"
        "  - after night 1: {expect: {sync: {ended: succeeded}}}\n"
    )
    (finding,) = play(tmp_path, story, slow_readers(2)).findings
    assert (finding.kind, finding.rules) == ("invariant", ("F8",))


# ---------------------------------------------------------------- the input's fault


@pytest.mark.parametrize(
    ("head", "district", "message", "line"),
    [
        (
            "people: {Mei Chen: {email: same@x.example}, Ben Okri: {email: same@x.example}}\n",
            DISTRICT,
            "the beginning cannot be: Otus refuses the account of",
            1,
        ),
        (
            "people: {Mei Chen: {osis: 123456789}, Ben Okri: {osis: 123456789}}\n",
            DISTRICT,
            "the beginning cannot be",
            1,
        ),
        ("", DISTRICT + "      ALGEBRA-1-01: {}\n", "the beginning cannot be", 1),
        ("", DISTRICT + "      Art-1/2: {}\n", "the beginning cannot be", 1),
    ],
)
def test_a_beginning_that_a_system_refuses_makes_the_story_unusable(
    tmp_path: Path, head: str, district: str, message: str, line: int
) -> None:
    result = play(tmp_path, f"  - +1h: {{{LOOK}}}\n", head=head, district=district)
    (finding,) = result.findings
    assert (result.status, finding.kind, finding.line is not None) == ("unusable", "input", True)
    assert finding.message.startswith(message)
    assert (finding.line or 0) >= line


def test_a_wrong_file_is_unusable_with_all_its_problems(tmp_path: Path) -> None:
    result = play(tmp_path, "  - after night 0: {otus: goes down}\n  - +1h: {otus: goes dwn}\n")
    assert result.status == "unusable"
    assert [(finding.kind, finding.line, finding.hint) for finding in result.findings] == [
        ("input", 10, ""),
        ("input", 11, "did you mean 'goes down'?"),
    ]


# ---------------------------------------------------------------- the harness's fault


BREAKABLE = [
    "scenarios.play.read_story",
    "scenarios.play.write_past",
    "scenarios.play.violations",
    "scenarios.play.leading_to",
    "simulator.world.World.__enter__",
    "simulator.world.World.otus_view",
    "simulator.world.World.answer",
    "simulator.feed.Feed._carry",
    "simulator.night.SyncRunner.rehearse",
    "simulator.journal.Journal.record",
    "fakes.clever.Clever.deliver",
    "fakes.otus.Otus.restored",
]


@pytest.mark.parametrize("broken", BREAKABLE)
def test_a_broken_harness_is_never_laid_to_the_sync(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    def break_down(*_: object, **__: object) -> None:
        raise RuntimeError("a defect of the harness")

    def ask(client: Client) -> None:
        client.clever("/v3.1/users")

    monkeypatch.setattr(broken, break_down)
    story = (
        "  - +1h: {ats: enroll, student: Mei Chen, section: Algebra 1-01}\n"
        "  - after night 4: {expect: {Mei Chen: {account: none}}}\n"
    )
    result = play(tmp_path, story, asking(ask))
    finding = result.findings[-1]
    assert (result.status, finding.kind) == ("broken", "harness")
    assert finding.message == "the harness itself failed; this is no finding about the sync"
    assert "RuntimeError: a defect of the harness" in finding.found


def test_a_broken_listener_is_the_harnesss_fault(tmp_path: Path) -> None:
    def listener(_entry: Entry) -> None:
        raise ZeroDivisionError

    path = story_file(tmp_path, story_text())
    assert play_file(path, path.name, Options(STUB), CallableSut(idle), listener).status == "broken"


def test_a_user_who_stops_a_story_stops_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(scenarios.play, "violations", stop)
    with pytest.raises(KeyboardInterrupt):
        a_night(tmp_path, idle)


# ---------------------------------------------------------------- the result


def test_a_result_says_what_was_played_and_how_to_play_it_again(tmp_path: Path) -> None:
    result = play(tmp_path, f"  - after night 2: {{{LOOK}}}\n", head="about: What it is about\n", rules="[F8, A15]")
    assert (result.path, result.title, result.theme) == ("small.scenario.yaml", "A small story", tmp_path.name)
    assert (result.about, result.rules, result.seed) == ("What it is about", ("F8", "A15"), 0)
    assert (result.starts, result.ends) == ("2026-09-14T12:00:00.000Z", "2026-09-16T05:00:00.000Z")
    assert (result.nights, result.checks, result.dropped) == (2, 5, 0)
    assert result.seconds > 0
    assert result.reproduce == f"rostersim run small.scenario.yaml --sut '{STUB}' --silence-max 20"


def test_the_command_that_plays_it_again_has_every_option_that_counts() -> None:
    options = Options("command: node my sync.js", 7, second_run=False, real_seconds_max=2.5, simulated_hours_max=3)
    assert reproduce("my stories/a.scenario.yaml", options) == (
        "rostersim run 'my stories/a.scenario.yaml' --seed 7 --sut 'command: node my sync.js' "
        "--no-second-run --silence-max 2.5 --run-max 3"
    )
    assert reproduce("library/a", Options("callable: otus_sync.app:nightly")) == "rostersim run library/a"
