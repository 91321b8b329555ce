"""The control API: a test clock, steps, snapshots, and who may ask."""

import json
import urllib.request
from pathlib import Path

import msgspec
import pytest
from openapi_spec_validator import validate

from rostersim.served.wire import control_api
from tests.rostersim.served.builders import BY_HAND, ENROLL, Asker, house_of, served
from tests.scenarios.builders import story_text


def test_what_is_added_in_ats_is_in_clever_after_72_hours_and_in_otus_the_night_after(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.advance("Mon 14 Sep 10:00")
        done = asker.do(ENROLL)
        assert (done[0]["accepted"], done[0]["in_clever"]) == (True, "2026-09-17T14:00:00.000Z")
        way = asker.get("/people/Mei%20Chen")["on_the_way"][0]
        assert (way["in_clever_in_new_york"], way["in_otus_in_new_york"]) == ("Thu 17 Sep 10:00", "Fri 18 Sep 01:00")
        assert asker.advance("71h")["nights"] == 3
        assert asker.classes_of("Mei Chen") == {"Algebra 1-01": ("student", "", "")}
        asker.advance("next event")
        assert asker.classes_of("Mei Chen") == {"Algebra 1-01": ("student", "student", "")}
        status = asker.advance("next night")
        assert (status["status"], status["now_in_new_york"], status["nights"]) == ("ready", "Fri 18 Sep 01:00", 4)
        assert asker.classes_of("Mei Chen") == {"Algebra 1-01": ("student", "student", "student, by roster")}
        assert asker.get("/people/Mei%20Chen")["on_the_way"] == []


def test_the_plan_says_what_the_next_night_does_and_changes_nothing(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do([json.loads('{"ats": "enroll", "student": "Mei Chen", "section": "Algebra 1-01"}')])
        asker.do(BY_HAND)
        journal = asker.get("/journal")
        plan = asker.get("/plan")
        assert (plan["outcome"], plan["night_in_new_york"]) == ("succeeded", "Tue 15 Sep 01:00")
        assert [(item["what"], item["before"], item["after"]) for item in plan["items"]] == [
            ("Mei Chen in Algebra 1-01", "student, by hand", "")
        ]
        assert asker.get("/journal") == journal
        asker.advance("night 3")
        assert asker.get("/plan")["items"][0]["change"] == "made"  # what arrives before that night is in the plan
        asker.advance("next night")
        assert asker.get("/plan")["items"] == []


def test_a_refused_step_says_why_and_those_after_it_are_not_done(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        done = asker.do(f"[{BY_HAND}, {BY_HAND}, {ENROLL}]")
        assert [each["accepted"] for each in done] == [True, False]
        assert done[1]["message"]
        assert asker.classes_of("Mei Chen")["Algebra 1-01"][0] == ""


def test_an_expectation_is_answered_and_is_no_finding(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        done = asker.do("expect: {Mei Chen: {in: Algebra 1-01}, Algebra 1-01: {students: [Ben Okri]}}")
        assert not done[0]["accepted"]
        assert "not in Algebra 1-01" in done[0]["message"]
        assert asker.get("/state")["findings"] == []


def test_a_snapshot_brings_everything_back_and_a_rewind_a_moment(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(BY_HAND)
        journal = asker.get("/journal")["items"]
        asker.post("/snapshots", {"name": "before"})
        asker.advance("3d")
        assert asker.classes_of("Mei Chen") == {}
        asker.post("/snapshots/before/restore")
        assert asker.until_ready()["nights"] == 0
        assert asker.get("/journal")["items"] == journal
        assert asker.classes_of("Mei Chen")["Algebra 1-01"][2] == "student, by hand"
        asker.advance("Wed 16 Sep 12:00")
        asker.post("/clock/rewind", {"to": "Tue 15 Sep 12:00"})
        status = asker.until_ready()
        assert (status["now_in_new_york"], status["nights"]) == ("Tue 15 Sep 12:00", 1)
        assert asker.get("/snapshots")["items"][0]["name"] == "before"


@pytest.mark.parametrize(
    ("path", "body", "message"),
    [
        ("/clock/advance", {"to": "Sun 13 Sep 10:00"}, "lies before now, Mon 14 Sep 08:00"),
        ("/clock/advance", {"to": "Fri 14 Sep 10:00"}, "is a Mon, not a Fri"),
        ("/clock/advance", {"to": "next nihgt"}, "did you mean 'next night'?"),
        ("/clock/advance", {"to": "900d"}, "longer than a story may be"),
        ("/clock/rewind", {"to": "Sun 13 Sep 10:00"}, "before the world's start"),
        ("/clock/run", {"speed": -1}, "speed"),
        ("/steps", {"steps": "{ats: enrol, student: Mei Chen, section: Algebra 1-01}"}, "did you mean 'enroll'?"),
        ("/steps", {"steps": "{ats: enroll, student: Mai Chen, section: Algebra 1-01}"}, "did you mean 'Mei Chen'?"),
        ("/steps", {"steps": "{sync: run beside}"}, "between the runs"),
        ("/snapshots", {"name": "../x"}, "name"),
        ("/snapshots/befor/restore", None, "there is no snapshot 'befor'"),
        ("/record/expect", {"expect": "Mai Chen: {in: Algebra 1-01}"}, "did you mean 'Mei Chen'?"),
    ],
)
def test_wrong_input_is_refused_with_what_to_do_instead(tmp_path: Path, path: str, body: object, message: str) -> None:
    with served(tmp_path / "state") as asker:
        assert message in asker.refused(path, body)
        assert asker.get("/clock")["status"] == "ready"


def test_names_that_are_unknown_are_answered_with_the_nearest(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        for path, near in (
            ("/people/Mai%20Chen", "Mei Chen"),
            ("/classes/Algebra%201-02", "Algebra 1-01"),
            ("/schools/02M474", "02M475"),
        ):
            told = asker.ask("GET", asker.world + path)
            assert (told.code, near in told.body["message"]) == (404, True), told


def test_a_change_needs_the_token_always_and_a_worlds_token_opens_only_that_world(tmp_path: Path) -> None:
    with house_of(tmp_path / "state") as (_, owner):
        tokens = {name: owner.ask("POST", "/worlds", {"id": name}).body["token"] for name in ("one", "two")}
        stranger = Asker(owner.url, "", "one")
        assert stranger.ask("GET", "/worlds/one/clock").code == 200
        assert stranger.ask("POST", "/worlds/one/clock/advance", {"to": "1h"}).code == 401
        assert stranger.ask("GET", "/worlds/one/keys").code == 401
        guest = Asker(owner.url, tokens["one"], "one")
        assert guest.advance("1h")["now_in_new_york"] == "Mon 14 Sep 09:00"
        assert guest.ask("POST", "/worlds/two/clock/advance", {"to": "1h"}).code == 403
        assert guest.ask("POST", "/worlds", {"id": "three"}).code == 403
        assert owner.ask("GET", "/worlds/two/clock").body["now_in_new_york"] == "Mon 14 Sep 08:00"


def test_a_web_page_elsewhere_can_neither_read_nor_change(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        for headers in ({"Origin": "http://evil.example"}, {"Host": "evil.example"}):
            assert asker.ask("GET", "/worlds", headers=headers).code == 403
            assert asker.ask("POST", "/worlds/main/clock/pause", headers=headers).code == 403


def test_beyond_this_machine_reading_needs_the_token_too(tmp_path: Path) -> None:
    with house_of(tmp_path / "state", host="0.0.0.0") as (_, owner):
        assert owner.ask("GET", "/worlds").code == 200
        assert owner.ask("GET", "/worlds", headers={"Authorization": ""}).code == 401
        assert owner.ask("GET", "/worlds", headers={"Host": "school.example", "Authorization": ""}).code == 401


def test_worlds_have_clocks_of_their_own_that_advance_side_by_side(tmp_path: Path) -> None:
    with house_of(tmp_path / "state") as (_, owner):
        for name in ("one", "two"):
            owner.ask("POST", "/worlds", {"id": name})
            owner.ask("POST", f"/worlds/{name}/clock/advance", {"to": "night 3"})
        askers = [Asker(owner.url, owner.token, name) for name in ("one", "two")]
        assert [asker.until_ready()["nights"] for asker in askers] == [3, 3]
        askers[0].advance("night 4")
        assert [asker.get("/clock")["nights"] for asker in askers] == [4, 3]
        assert owner.ask("DELETE", "/worlds/one").code == 204
        assert [item["id"] for item in owner.ask("GET", "/worlds").body["items"]] == ["two"]


def test_a_program_outside_reads_and_writes_the_systems_at_the_present_moment(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        keys = asker.get("/keys")["environment"]
        headers = {"Authorization": f"Bearer {keys['OTUS_SUPPORT_TOKEN']}", "Content-Type": "application/json"}
        body = json.dumps({"role": "admin", "email": "pat@x.example", "first_name": "Pat", "last_name": "Lee"}).encode()
        asker.advance("2h")
        request = urllib.request.Request(keys["OTUS_URL"] + "/api/v1/accounts", body, headers)
        with urllib.request.urlopen(request) as answer:
            assert answer.headers["Date"] == "Mon, 14 Sep 2026 14:00:00 GMT"
        assert asker.get("/people/Pat%20Lee")["rows"][0]["otus"] == "active, by hand"
        wire = asker.get("/wire?who=outside")["items"]
        assert [(each["method"], each["status"]) for each in wire] == [("POST", 201)]
        whole = asker.get(f"/wire/{wire[0]['number']}")
        assert "pat@x.example" in whole["request_body"]
        assert keys["OTUS_SUPPORT_TOKEN"] not in json.dumps(whole)


def test_what_a_program_outside_wrote_is_there_again_after_a_restart(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        keys = asker.get("/keys")["environment"]
        headers = {"Authorization": f"Bearer {keys['ATS_TOKEN']}", "Content-Type": "application/json"}
        number = asker.get("/people/Mei%20Chen")["id"]
        body = b'{"email": "mei@new.example"}'
        request = urllib.request.Request(keys["ATS_URL"] + f"/people/{number}", body, headers, method="PATCH")
        urllib.request.urlopen(request).close()
        before = asker.get("/people/Mei%20Chen")
        assert before["rows"][1]["ats"] == "mei@new.example"
        assert [each["in_clever_in_new_york"] for each in before["on_the_way"]] == ["Thu 17 Sep 08:00"]
    with house_of(tmp_path / "state") as (_, owner):
        asker = Asker(owner.url, owner.token)
        asker.until_ready()
        assert asker.get("/people/Mei%20Chen") == before


def test_why_somebody_is_missing_is_explained(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do(ENROLL)
        explained = asker.get("/explain?person=Mei%20Chen&class=Algebra%201-01")
        assert explained["person"] == "Mei Chen"
        assert "Fri 18 Sep 01:00" in json.dumps(explained)
        told = asker.ask("GET", "/worlds/main/explain?person=Mai%20Chen")
        assert (told.code, "Mei Chen" in told.body["message"]) == (404, True)


def test_a_story_is_played_as_time_comes_to_its_steps(tmp_path: Path) -> None:
    with served(tmp_path / "state", story_text(), play=True) as asker:
        asker.advance("Mon 14 Sep 10:00")
        assert asker.classes_of("Mei Chen")["Algebra 1-01"][2] == "student, by hand"
        asker.advance("next night")
        assert asker.classes_of("Mei Chen") == {}


def test_a_clock_runs_by_itself_until_it_is_paused(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        assert asker.post("/clock/run", {"speed": 100_000})["status"] == "running"
        while asker.get("/clock")["nights"] < 1:
            pass
        assert asker.do(ENROLL)[0]["accepted"]
        asker.post("/clock/pause")
        paused = asker.until_ready()
        assert paused["status"] == "ready"
        assert asker.get("/clock")["now"] == paused["now"]


def test_a_fault_is_planned_and_strikes_in_its_night(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.do("{fault: clever answers 500, requests: all, night: 1}")
        assert [line["struck"] for line in asker.get("/faults")["items"]] == [False]
        assert asker.advance("night 1")["last_run"].startswith("failed")
        assert [line["struck"] for line in asker.get("/faults")["items"]] == [True]


def test_while_a_world_advances_it_takes_no_command_and_can_be_paused(tmp_path: Path) -> None:
    with served(tmp_path / "state") as asker:
        asker.post("/clock/advance", {"to": "300d"})
        assert "advancing to" in asker.refused("/steps", {"steps": ENROLL})
        asker.post("/clock/pause")
        status = asker.until_ready()
        assert status["nights"] < 300
        asker.do(ENROLL)


def test_the_document_of_the_control_api_is_valid_openapi() -> None:
    document = json.loads(msgspec.json.encode(control_api.document()))
    validate(document)
    assert {"/worlds/{world}/clock/advance", "/worlds/{world}/plan"} <= document["paths"].keys()
