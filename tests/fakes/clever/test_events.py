"""Events: what they tell, in which order, for how long, and to whom."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.clever import Application, Clever, Row, Sharing, create_app
from fakes.clever.records import PLURALS
from tests.fakes.clever.builders import (
    MIDWOOD,
    STUYVESANT,
    District,
    contact,
    course,
    district,
    district_admin,
    gone,
    one_class,
    resource,
    school,
    section,
    staff,
    student,
    teacher,
    term,
)


@contextmanager
def listening(*rows: Row) -> Iterator[District]:
    """Open a district that has these rows already, and whose application is told of events from now on."""
    with district(*rows) as clever:
        clever.clever.enable_events()
        clever.later(hours=1)
        yield clever


def events(clever: District, query: str = "", version: str = "v3.0") -> list[Any]:
    return [item["data"] for item in clever.get(f"/{version}/events?limit=10000{query}")["data"]]


def types(clever: District, query: str = "") -> list[str]:
    return [event["type"] for event in events(clever, query)]


def only(clever: District) -> Any:
    (event,) = events(clever)
    return event


# What they tell


def test_there_are_none_until_they_are_enabled_and_none_of_what_was_before() -> None:
    with district(*one_class()) as clever:
        clever.deliver(student("200000002"))
        assert events(clever) == []
        clever.clever.enable_events()
        assert events(clever) == []
        clever.deliver(student("200000003"))
        assert types(clever) == ["users.created"]


def test_enabling_events_changes_no_id_of_a_record() -> None:
    with district(*one_class()) as quiet, listening(*one_class()) as told:
        quiet.later(hours=1)
        for clever in (quiet, told):
            clever.deliver(student("200000002"))
            clever.deliver(student("200000003"))
        assert quiet.ids("/v3.0/users") == told.ids("/v3.0/users")


def test_after_they_are_disabled_none_is_written_and_the_old_ones_stay() -> None:
    with listening() as clever:
        clever.deliver(student())
        clever.clever.admission.disable_events()
        clever.deliver(student("200000002"))
        assert types(clever) == ["users.created"]


def test_a_creation_has_the_record_as_it_stands_in_its_list() -> None:
    with listening() as clever:
        clever.deliver(student())
        for version in ("v3.0", "v3.1"):
            (event,) = events(clever, version=version)
            assert set(event) == {"id", "created", "type", "data"}
            assert event["data"] == {"object": clever.user("200000001", version=version)}
            assert event["created"] == "2026-09-14T11:00:00.000Z"


def test_an_update_has_the_old_values_leaf_by_leaf() -> None:
    with listening(student()) as clever:
        before = clever.user("200000001")
        clever.deliver(student(grade="10", last_name="Lovelace"))
        event = only(clever)
        assert event["type"] == "users.updated"
        assert event["data"]["object"] == clever.user("200000001")
        told = event["data"]["previous_attributes"]
        assert told["name"] == {"last": "Person1"}
        assert told["last_modified"] == before["last_modified"]
        role = before["roles"]["student"]
        assert told["roles"]["student"]["grade"] == "9"
        assert all(role[name] == value for name, value in told["roles"]["student"].items())
        assert "email" not in told


def test_a_roster_change_is_an_update_of_the_section_with_the_whole_old_array() -> None:
    with listening(*one_class(), student("200000002")) as clever:
        before = clever.section()
        clever.deliver(section(students=("200000001", "200000002")))
        event = only(clever)
        assert event["type"] == "sections.updated"
        told = event["data"]["previous_attributes"]
        assert told == {"students": before["students"], "last_modified": before["last_modified"]}
        assert len(event["data"]["object"]["students"]) == 2


def test_a_role_that_comes_was_nothing_before_and_one_that_goes_was_all_it_was() -> None:
    with listening(teacher("1", "kim@x.example"), staff("2", "lee@x.example")) as clever:
        clever.deliver(staff("2", "kim@x.example"))
        merged = next(event for event in events(clever) if event["type"] == "users.updated")
        assert merged["data"]["previous_attributes"]["roles"]["staff"] is None
        before = clever.user("1")
        clever.deliver(gone(staff("2")))
        split = events(clever)[-1]
        assert split["data"]["previous_attributes"]["roles"] == {"staff": before["roles"]["staff"]}


def test_a_deletion_has_the_record_in_full_as_it_was_last() -> None:
    with listening(*one_class()) as clever:
        before = clever.user("200000001")
        clever.deliver(gone(student()))
        assert types(clever) == ["sections.updated", "users.deleted"]
        assert events(clever)[-1]["data"] == {"object": before}


def test_a_row_that_says_the_same_again_is_no_event() -> None:
    with listening(*one_class()) as clever:
        clever.deliver(*one_class())
        assert events(clever) == []


def test_a_person_who_returns_after_300_days_is_created_under_a_new_id() -> None:
    with listening(student()) as clever:
        before = clever.id_of("user", "200000001")
        clever.deliver(gone(student()))
        assert types(clever) == ["users.deleted"]
        clever.later(days=300)
        clever.deliver(student())
        created = only(clever)
        assert created["type"] == "users.created"
        assert created["data"]["object"]["id"] == clever.id_of("user", "200000001") != before


def test_a_merge_is_an_update_and_a_deletion_and_a_split_an_update_and_a_creation() -> None:
    with listening(teacher("1", "kim@x.example"), staff("2", "lee@x.example")) as clever:
        clever.deliver(staff("2", "kim@x.example"))
        assert types(clever) == ["users.updated", "users.deleted"]
        clever.deliver(staff("2", "lee@x.example"))
        assert sorted(types(clever)[2:]) == ["users.created", "users.updated"]


@pytest.mark.parametrize(
    ("made", "changed", "word"),
    [
        (school(), school(name="Stuy"), "schools"),
        (student(), student(email="new@x.example"), "users"),
        (section(), section(period="5"), "sections"),
        (course(), course(name="Algebra"), "courses"),
        (resource(), resource(title="New Workbook"), "resources"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_type_is_created_updated_and_deleted(made: Row, changed: Row, word: str) -> None:
    with listening() as clever:
        for rows in (made, changed, gone(made)):
            clever.deliver(rows)
        assert types(clever) == [f"{word}.created", f"{word}.updated", f"{word}.deleted"]


def test_a_term_that_changes_is_deleted_and_created_as_its_id_is_new() -> None:
    with listening(term()) as clever:
        clever.deliver(term(name="Autumn"))
        assert types(clever) == ["terms.created", "terms.deleted"]


def test_a_district_is_created_when_it_is_connected_and_deleted_when_it_is_disconnected() -> None:
    newcomer = Application.named("Quizzes")
    with district(*one_class()) as clever:
        clever.clever.admission.connect(newcomer, events=True)
        token = clever.clever.admission.issue_token(newcomer)
        first = clever.ask("/v3.0/events?limit=1000", token).get_json()["data"]
        assert [item["data"]["type"] for item in first] == [
            "districts.created", "schools.created", "users.created", "users.created",
            "sections.created", "courses.created", "terms.created",
        ]  # fmt: skip
        clever.clever.admission.disconnect(newcomer)
        assert clever.ask("/v3.0/events", token).status_code == 401
        clever.clever.admission.connect(newcomer)
        again = clever.clever.admission.issue_token(newcomer)
        last = clever.ask("/v3.0/events?ending_before=last&limit=7", again).get_json()["data"]
        assert last[0]["data"]["type"] == "districts.deleted"
        assert all(item["data"]["type"].endswith(".deleted") for item in last)


def test_a_pause_is_told_as_an_update_of_the_district_and_a_delivery_alone_is_not() -> None:
    with listening() as clever:
        clever.deliver(student())
        clever.clever.pause(until=date(2026, 9, 30))
        clever.deliver(student("200000002"))
        clever.clever.resume()
        assert types(clever) == ["users.created", "districts.updated", "districts.updated", "users.created"]
        told = events(clever)[1]["data"]["previous_attributes"]
        assert told == {"state": "running", "pause_start": None, "pause_end": None}


# Their order


def test_a_batch_goes_from_districts_to_resources_and_what_is_deleted_comes_last() -> None:
    with listening(*one_class(), student("200000002"), course("ENG9")) as clever:
        clever.clever.pause()
        clever.deliver(
            gone(course("ENG9")),
            gone(student("200000002")),
            resource(),
            term(name="Autumn"),
            course("BIO9"),
            section("biology", course="BIO9"),
            student(email="new@x.example"),
            student("200000003"),
            school(MIDWOOD, "Midwood"),
        )
        clever.clever.resume()
        assert types(clever)[1:] == [
            "districts.updated", "schools.created", "users.created", "users.updated", "sections.created",
            "sections.updated", "courses.created", "terms.created", "resources.created",
            "users.deleted", "courses.deleted", "terms.deleted",
        ]  # fmt: skip


def test_ids_ascend_with_time() -> None:
    with listening() as clever:
        for number in range(5):
            clever.deliver(student(f"20000001{number}"), teacher(f"100001{number}"))
            clever.later(seconds=1)
        ids = [event["id"] for event in events(clever)]
        assert ids == sorted(ids)
        assert len(set(ids)) == 10
        assert all(len(one) == 24 for one in ids)
        assert not set(ids) & set(clever.ids("/v3.0/users"))


# How they are read


def test_a_bare_list_says_itself_with_a_question_mark() -> None:
    with listening() as clever:
        assert clever.get("/v3.0/events")["links"] == [{"rel": "self", "uri": "/v3.0/events?"}]
        assert clever.get("/v3.0/events?limit=1")["links"] == [{"rel": "self", "uri": "/v3.0/events?limit=1"}]


def test_a_client_remembers_the_newest_and_follows_from_there() -> None:
    with listening() as clever:
        clever.deliver(student(), student("200000002"))
        newest = clever.get("/v3.0/events?ending_before=last&limit=1")["data"][0]["data"]["id"]
        assert clever.get(f"/v3.0/events?starting_after={newest}")["data"] == []
        clever.later(days=1)
        clever.deliver(student("200000003"), student("200000004"))
        page = clever.get(f"/v3.0/events?starting_after={newest}&limit=1")
        assert [link["rel"] for link in page["links"]] == ["self", "prev", "next"]
        rest = clever.get(page["links"][-1]["uri"])
        assert len(page["data"]) == len(rest["data"]) == 1
        assert clever.get(rest["links"][1]["uri"])["data"] == page["data"]


def test_one_event_can_be_read_by_its_id() -> None:
    with listening() as clever:
        clever.deliver(student())
        item = clever.get("/v3.1/events")["data"][0]
        assert item["uri"] == f"/v3.1/events/{item['data']['id']}"
        assert clever.get(item["uri"]) == {"data": item["data"], "links": [{"rel": "self", "uri": item["uri"]}]}
        assert clever.ask("/v3.0/events/000000000000000000000000").status_code == 404


def test_record_types_are_chosen_by_one_word_or_several() -> None:
    with listening() as clever:
        clever.deliver(*one_class())
        assert types(clever, "&record_type=sections") == ["sections.created"]
        assert types(clever, "&record_type=terms,schools") == ["schools.created", "terms.created"]
        for wrong in ("students", "users,", "users, terms", "user"):
            assert clever.ask("/v3.0/events?record_type=" + wrong).status_code == 400, wrong


def test_a_school_chooses_what_belongs_to_it_or_did() -> None:
    with listening(school(), school(MIDWOOD, "Midwood"), student(schools=(STUYVESANT,))) as clever:
        stuyvesant, midwood = clever.id_of("school", STUYVESANT), clever.id_of("school", MIDWOOD)
        clever.deliver(student(schools=(MIDWOOD,)), teacher(schools=(MIDWOOD,)), section(), course())
        assert types(clever, f"&school={stuyvesant}") == ["users.updated", "sections.created"]
        assert types(clever, f"&school={midwood}") == ["users.created", "users.updated"]
        assert types(clever, f"&school={midwood}&record_type=sections") == []
        assert types(clever, "&school=000000000000000000000000") == []


# How long they are kept


def test_events_are_kept_for_30_days_of_the_simulated_time() -> None:
    with listening() as clever:
        clever.deliver(student())
        first = only(clever)["id"]
        clever.later(days=30)
        assert [event["id"] for event in events(clever)] == [first]
        clever.later(seconds=1)
        assert events(clever) == []
        assert clever.ask(f"/v3.0/events/{first}").status_code == 404
        assert clever.get("/v3.0/events?ending_before=last&limit=1")["data"] == []


def test_a_cursor_older_than_that_goes_on_at_the_oldest_kept_and_nothing_tells() -> None:
    with listening() as clever:
        clever.deliver(student())
        cursor = only(clever)["id"]
        clever.later(days=10)
        clever.deliver(student("200000002"))
        clever.later(days=10)
        clever.deliver(student("200000003"))
        clever.later(days=21)
        answer = clever.ask(f"/v3.0/events?starting_after={cursor}")
        assert answer.status_code == 200
        kept = [item["data"]["data"]["object"]["id"] for item in answer.get_json()["data"]]
        assert kept == [clever.id_of("user", "200000003")]


def test_a_copy_keeps_the_events_and_goes_on_with_their_ids() -> None:
    with listening(*one_class()) as clever:
        clever.deliver(student("200000002"))
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        client = create_app(copy).test_client()
        for one in (copy, clever.clever):
            one.deliver([student("200000003")])
        headers = {"Authorization": f"Bearer {clever.token}"}
        assert client.get("/v3.0/events", headers=headers).data == clever.ask("/v3.0/events").data
        copy.close()


# To whom


def test_what_is_not_shared_is_not_told() -> None:
    with listening(school(), school(MIDWOOD, "Midwood")) as clever:
        clever.clever.share_all_but({MIDWOOD})
        clever.deliver(student(schools=(MIDWOOD,)), student("200000002"))
        assert types(clever) == ["schools.deleted", "users.created"]


def test_sharing_and_unsharing_a_school_is_told_as_creations_and_deletions() -> None:
    with listening(*one_class(), school(MIDWOOD, "Midwood"), contact("9", "200000001")) as clever:
        clever.clever.share_all_but({STUYVESANT})
        assert types(clever) == [
            "schools.deleted", "users.deleted", "users.deleted", "users.deleted", "sections.deleted",
        ]  # fmt: skip
        clever.clever.share_all_but(set())
        assert types(clever)[5:] == [
            "schools.created", "users.created", "users.created", "users.created", "sections.created",
        ]  # fmt: skip


def test_a_student_who_moves_out_of_sight_is_deleted_for_one_application_and_updated_for_the_other() -> None:
    narrow = Application.named("Quizzes")
    with listening(school(), school(MIDWOOD, "Midwood"), student(), contact("9", "200000001")) as clever:
        clever.clever.admission.connect(narrow, Sharing(all_schools_but=(MIDWOOD,)))
        clever.clever.admission.enable_events(narrow)
        token = clever.clever.admission.issue_token(narrow)
        clever.deliver(student(schools=(MIDWOOD,)))
        told = clever.ask("/v3.0/events", token).get_json()["data"]
        assert [item["data"]["type"] for item in told] == ["users.deleted", "users.deleted"], "and their contact"
        assert told[0]["data"]["data"]["object"]["roles"]["student"]["school"] == clever.id_of("school", STUYVESANT)
        assert types(clever) == ["users.updated"]
        clever.deliver(student(schools=(STUYVESANT,)))
        again = clever.ask("/v3.0/events", token).get_json()["data"]
        assert [item["data"]["type"] for item in again][2:] == ["users.created", "users.created"]
        assert types(clever) == ["users.updated", "users.updated"]


def test_v30_does_not_tell_of_a_change_of_what_only_v31_has() -> None:
    with listening(student()) as clever:
        before = clever.user("200000001", version="v3.1")["roles"]["student"]["home_language"]
        clever.deliver(student(given=(("home_language", "Icelandic"),)))
        (event,) = events(clever, version="v3.1")
        assert event["data"]["previous_attributes"]["roles"]["student"]["home_language"] == before
        assert events(clever, version="v3.0") == []
        assert clever.ask(f"/v3.0/events/{event['id']}").status_code == 404


def test_a_change_of_hidden_fields_alone_is_not_told() -> None:
    narrow = Application.named("Quizzes")
    hidden = ("users.roles.student.dob", "users.email", "users.roles.student.email")
    with listening(student()) as clever:
        clever.clever.admission.connect(narrow, Sharing(hidden_fields=hidden))
        clever.clever.admission.enable_events(narrow)
        token = clever.clever.admission.issue_token(narrow)
        clever.deliver(student(birth_date="2011-02-04", email="new@x.example"))
        assert types(clever) == ["users.updated"]
        assert clever.ask("/v3.0/events", token).get_json()["data"] == []
        clever.deliver(student(birth_date="2011-02-05", email="new@x.example", grade="10"))
        (item,) = clever.ask("/v3.0/events", token).get_json()["data"]
        data = item["data"]["data"]
        assert "dob" not in data["object"]["roles"]["student"]
        assert data["previous_attributes"]["roles"]["student"]["grade"] == "9"
        assert "dob" not in data["previous_attributes"]["roles"]["student"]


# All of it


ROWS: tuple[Row, ...] = (
    school(),
    school(MIDWOOD, "Midwood"),
    term(),
    term(name="Autumn"),
    course(),
    course(subject="ELA"),
    student("200000001"),
    student("200000001", schools=(MIDWOOD,)),
    student("200000002", schools=(MIDWOOD, STUYVESANT)),
    teacher("1", "kim@x.example"),
    teacher("1", "lee@x.example"),
    staff("2", "kim@x.example"),
    staff("2", "lee@x.example", schools=(MIDWOOD,)),
    district_admin("3", "kim@x.example"),
    contact("9", "200000001", "200000002"),
    section("algebra", ("1",), ("200000001", "200000002")),
    section("algebra", ("1",), ("200000002",), school=MIDWOOD),
    resource(students=("200000001",)),
)
STEPS = st.one_of(
    st.lists(st.sampled_from([*ROWS, *map(gone, ROWS)]), min_size=1, max_size=6),
    st.frozensets(st.sampled_from([STUYVESANT, MIDWOOD])),
)


def listed(clever: District, version: str) -> dict[str, Any]:
    kinds = PLURALS.values()
    items = [item["data"] for kind in kinds for item in clever.get(f"/{version}/{kind}")["data"]]
    return {item["id"]: item for item in items}


@given(steps=st.lists(STEPS, max_size=8))
@settings(max_examples=60, deadline=None)
def test_whoever_follows_the_events_knows_what_the_lists_say(steps: list[Any]) -> None:
    with listening(*ROWS[:3]) as clever:
        known = {version: listed(clever, version) for version in ("v3.0", "v3.1")}
        for step in steps:
            clever.later(days=1)
            if isinstance(step, frozenset):
                clever.clever.share_all_but(step)
            else:
                clever.deliver(*step)
        for version, records in known.items():
            for event in events(clever, version=version):
                record = event["data"]["object"]
                if event["type"].endswith(".created"):
                    assert record["id"] not in records, event["type"]
                    records[record["id"]] = record
                else:
                    assert record["id"] in records, event["type"]
                    records[record["id"]] = record
                if event["type"].endswith(".deleted"):
                    del records[record["id"]]
            now = listed(clever, version)
            # Every delivery moves last_sync, and events do not tell of that.
            records[clever.clever.district_id] = now[clever.clever.district_id]
            assert records == now
