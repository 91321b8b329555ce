"""Two ways to know what changed in Clever, and when events are not relied on."""

import itertools
from datetime import timedelta

import msgspec
import pytest

from otus_sync.clever_records import Roles, School, User
from otus_sync.clock import written
from otus_sync.events import Event, Followed
from otus_sync.following import Now, doubt_about, reason_to_pull
from otus_sync.mirror import GONE_DAYS, Standing
from otus_sync.plan.gathering import Gathered, Gathering
from tests.otus_sync.builders import SCHOOLS, section, settings, student, teacher
from tests.otus_sync.clever_model import START, CleverModel, mirror, reader

LIST_PATHS = ("/v3.1/schools", "/v3.1/sections", "/v3.1/users")


def district() -> CleverModel:
    model = CleverModel()
    model.put(*SCHOOLS, teacher("kim"), student("ann"), student("ben"), section("algebra", ("kim",), ("ann",)))
    return model


def undated(clever: Gathered) -> list[list[object]]:
    return [list(part) for part in clever.undated()]


def pulled(model: CleverModel) -> Gathered:
    return reader(model).read()


def lists_asked(model: CleverModel) -> int:
    return sum(path.startswith(LIST_PATHS) for path in model.asked)


def test_the_first_night_notes_the_newest_event_before_it_reads_anything() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    assert model.asked[1] == "/v3.1/events?record_type=schools,users,sections&ending_before=last&limit=1"
    assert lists_asked(model) == 4
    standing = kept.standing()
    assert standing is not None
    assert standing.cursor == model.events[-1]["id"]


def test_a_quiet_night_asks_three_times_and_reads_no_list() -> None:
    model, kept = district(), mirror()
    first = reader(model, kept).read()
    model.pass_days(1)
    model.asked.clear()
    again = reader(model, kept)
    assert undated(again.read()) == undated(first)
    assert again.followed
    assert [path.split("?")[0] for path in model.asked] == ["/v3.1/districts", "/v3.1/events", "/v3.1/districts"]


def test_a_busy_night_is_the_mirror_and_what_events_tell() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    model.pass_days(1)
    model.put(student("cat"), student("ann", "new@schools.example"), section("algebra", ("kim",), ("ben", "cat")))
    model.delete("users", "ann")
    model.put(section("biology", (), ("ben",)))
    model.asked.clear()
    followed = reader(model, kept, settings(page_limit=2)).read()
    assert lists_asked(model) == 0
    assert undated(followed) == undated(pulled(model))
    assert followed.sections.ids == ["algebra", "biology"]
    standing = kept.standing()
    assert standing is not None
    assert standing.cursor == model.events[-1]["id"]


def test_what_happens_between_noting_the_newest_event_and_the_pull_is_told_the_next_night() -> None:
    model, kept = district(), mirror()
    model.while_read(lambda: model.delete("users", "ben"), 1)
    reader(model, kept, settings(reads_max=1)).read()
    model.pass_days(1)
    followed = reader(model, kept)
    assert undated(followed.read()) == undated(pulled(model))
    assert followed.followed


@pytest.mark.parametrize("quiet", [True, False])
def test_a_delivery_while_events_are_read_is_followed_too(quiet: bool) -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    model.pass_days(1)
    if not quiet:
        model.put(section("algebra", ("kim",), ("ben",)))

    def again() -> None:
        model.pass_days(0.01)
        model.put(section("algebra", ("kim",), ("ann", "ben")))

    model.while_read(again, 1 if quiet else 2)
    assert undated(reader(model, kept).read()) == undated(pulled(model))


def test_a_school_that_is_shared_while_clever_is_read_is_in_the_mirror_with_its_people() -> None:  # H11
    model, kept = district(), mirror()

    def share() -> None:
        unchanged = model.last_sync
        model.put(School("school-c", "27Q410"), student("cat", schools=("school-c",)))
        model.last_sync = unchanged  # sharing is no delivery

    model.while_read(share, 2)
    first = reader(model, kept).read()
    assert [person.schools for person in first.census.people if person.clever_id == "cat"] == [("27Q410",)]
    followed = reader(model, kept)
    assert undated(followed.read()) == undated(first)
    assert followed.followed


def test_somebody_who_is_neither_teacher_nor_student_any_more_is_gone() -> None:  # F6
    model, kept = district(), mirror()
    reader(model, kept).read()
    model.put(User("kim", "kim@schools.example", roles=Roles()))
    followed = reader(model, kept).read()
    assert [person.clever_id for person in followed.census.people] == ["ann", "ben"]
    model.put(teacher("kim"))
    assert undated(reader(model, kept).read()) == undated(pulled(model))


def test_a_mere_look_follows_and_keeps_nothing() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    before = kept.standing()
    model.put(student("cat"))
    assert undated(reader(model, kept, keeps=False).read()) == undated(pulled(model))
    assert kept.standing() == before


def test_a_mere_look_without_a_mirror_asks_for_no_event() -> None:
    model = district()
    reader(model, mirror(), keeps=False).read()
    assert not any("events" in path for path in model.asked)


@pytest.mark.parametrize(
    ("days", "reason"), [(27.9, ""), (28, "last read 28.0 days ago"), (300, "last read 300.0 days ago")]
)
def test_a_cursor_that_may_be_older_than_the_oldest_event_is_not_followed(days: float, reason: str) -> None:
    model, kept = district(), mirror()
    used = settings(follow="events")
    reader(model, kept, used).read()
    model.pass_days(days / 2)
    model.delete("users", "ann")
    model.pass_days(days / 2)
    model.put(student("cat"))
    tonight = reader(model, kept, used)
    assert undated(tonight.read()) == undated(pulled(model))
    assert tonight.followed == (not reason)
    assert reason in tonight.why_pulled


def test_in_a_quiet_summer_the_cursor_grows_old_and_nothing_is_missed() -> None:
    model, kept = district(), mirror()
    used = settings(follow="events")
    reader(model, kept, used).read()
    for _ in range(4):
        model.pass_days(7)
        model.put(*SCHOOLS)
        assert reader(model, kept, used).read()
    model.pass_days(1)
    model.put(student("cat"))
    model.pass_days(3)
    tonight = reader(model, kept, used)
    assert undated(tonight.read()) == undated(pulled(model))
    assert tonight.followed


def test_every_seventh_night_is_a_full_pull() -> None:
    model, kept = district(), mirror()
    ways = []
    for _ in range(15):
        tonight = reader(model, kept)
        tonight.read()
        ways.append(tonight.followed)
        model.pass_days(1)
    assert [night for night, followed in enumerate(ways) if not followed] == [0, 7, 14]


@pytest.mark.parametrize("offered", [True, False])
def test_without_events_every_night_is_a_full_pull_and_no_mirror_is_kept(offered: bool) -> None:
    model, kept = district(), mirror()
    model.events.clear()
    model.tells, model.offers_events = False, offered
    for _ in range(2):
        tonight = reader(model, kept)
        assert undated(tonight.read()) == undated(pulled(model))
        assert (tonight.followed, kept.standing()) == (False, None)
    assert "not enabled" in tonight.why_pulled


def test_events_that_stopped_are_noticed_by_a_full_pull_and_not_relied_on_until_there_are_some() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    model.tells = False
    model.pass_days(7)
    model.delete("users", "ann")
    reader(model, kept).read()
    model.pass_days(1)
    model.delete("users", "ben")
    tonight = reader(model, kept)
    assert undated(tonight.read()) == undated(pulled(model))
    assert "did not tell" in tonight.why_pulled
    model.tells = True
    model.put(student("cat"))
    again = reader(model, kept)
    assert undated(again.read()) == undated(pulled(model))
    assert again.followed


def test_by_setting_events_are_never_asked_for() -> None:
    model, kept = district(), mirror()
    used = settings(follow="full")
    for _ in range(2):
        reader(model, kept, used).read()
    assert lists_asked(model) == 8
    assert not any("events" in path for path in model.asked)


def test_a_mirror_that_is_not_followed_is_let_go() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    reader(model, kept, settings(follow="full")).read()
    assert kept.standing() is None


@pytest.mark.parametrize("number", [0, 1])
def test_a_mirror_that_has_lost_a_part_is_as_good_as_none(number: int) -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    kept._database.execute("DELETE FROM clever_part WHERE number = ?", (number,))
    tonight = reader(model, kept)
    assert undated(tonight.read()) == undated(pulled(model))
    assert "cannot be read" in tonight.why_pulled


def test_a_large_mirror_is_in_several_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("otus_sync.mirror.PART_BYTES", 40)
    model, kept = district(), mirror()
    reader(model, kept).read()
    (parts,) = kept._database.execute("SELECT count(*) FROM clever_part").fetchone()
    model.put(student("cat"))
    followed = reader(model, kept)
    assert undated(followed.read()) == undated(pulled(model))
    assert (followed.followed, parts > 10) == (True, True)


def test_a_mirror_that_cannot_be_read_is_as_good_as_none() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    kept._database.execute("UPDATE clever_part SET body = zeroblob(length(body))")
    tonight = reader(model, kept)
    assert undated(tonight.read()) == undated(pulled(model))
    assert "cannot be read" in tonight.why_pulled


STANDING = Standing("d", "5", written(START), written(START), 1)


@pytest.mark.parametrize(
    ("now", "reason"),
    [
        (Now(START, "d", "5"), ""),
        (Now(START, "other", "5"), "the mirror is of district d"),
        (Now(START, "d", "5", "Otus was set back"), "Otus was set back"),
        (Now(START, "d", "4"), "older than what was followed"),
        (Now(START, "d", ""), "not enabled"),
        (Now(START - timedelta(days=2), "d", "5"), "the clock shows"),
        (Now(START - timedelta(hours=2), "d", "5"), ""),
    ],
)
def test_the_reason_to_read_all_of_clever_is_said(now: Now, reason: str) -> None:
    found = reason_to_pull(settings(), STANDING, now)
    assert reason in found
    assert bool(reason) == bool(found)


def test_an_otus_that_does_not_know_the_last_run_is_in_doubt() -> None:
    assert doubt_about(STANDING, 7, {6, 7}) == ""
    assert "does not know its run 7" in doubt_about(STANDING, 7, {6})
    assert doubt_about(STANDING, None, {6}) == ""


def event(number: int, action: str, modified: str, name: str = "Algebra") -> Event:
    record = {"id": "algebra", "name": name, "last_modified": modified}
    document = {"id": f"{number}", "type": f"sections.{action}", "data": {"object": record}}
    return msgspec.convert({**document, "data": {"object": msgspec.Raw(msgspec.json.encode(record))}}, Event)


def test_an_event_may_be_applied_twice_or_late() -> None:
    told = [event(1, "created", "t1"), event(2, "updated", "t2", "Algebra I"), event(3, "updated", "t3", "Algebra II")]
    straight = Followed(Gathering(SCHOOLS))
    for one in told:
        straight.apply(one)
    assert straight.gathering().sections.names == ["Algebra II"]
    for order in itertools.permutations(told):
        late = Followed(Gathering(SCHOOLS))
        for one in (*order, *told, told[0]):
            late.apply(one)
        assert late.gathering().columns() == straight.gathering().columns()


def test_what_was_deleted_stays_deleted_when_an_update_comes_late_and_returns_when_created() -> None:
    records = Followed(Gathering(SCHOOLS))
    for one in (
        event(1, "created", "t2"),
        event(2, "deleted", "t2"),
        event(3, "updated", "t1"),
        event(4, "updated", "t2"),
    ):
        records.apply(one)
    assert records.gathering().sections.ids == []
    records.apply(event(5, "created", "t2"))
    assert records.gathering().sections.ids == ["algebra"]


def test_who_is_no_student_any_more_does_not_return_when_an_update_comes_late() -> None:
    model, kept = district(), mirror()
    reader(model, kept).read()
    model.put(User("ann", "ann@schools.example", roles=Roles()))
    reader(model, kept).read()
    place = next(place for place, event in enumerate(model.events) if event["data"]["object"]["id"] == "ann")
    model.repeat(place, also_unlisted=True)
    assert undated(reader(model, kept).read()) == undated(pulled(model))


@pytest.mark.parametrize("learnt_by", ["events", "full"])
def test_what_was_deleted_stays_so_when_an_update_comes_again_on_a_later_night(learnt_by: str) -> None:
    model, kept = district(), mirror()
    model.put(student("ann"))
    reader(model, kept).read()
    model.delete("users", "ann")
    deletion = reader(model, kept)
    if learnt_by == "full":
        deletion.pull_next("somebody wants to be sure")
    deletion.read()
    for _ in range(2):
        model.pass_days(1)
        place = next(place for place, event in enumerate(model.events) if event["data"]["object"]["id"] == "ann")
        model.repeat(place, also_gone=True)
        assert undated(reader(model, kept).read()) == undated(pulled(model))


def test_what_was_deleted_is_forgotten_when_clever_has_no_event_of_it_any_more() -> None:
    model, kept = district(), mirror()
    model.put(section("algebra", ("kim",), ()))
    reader(model, kept).read()
    model.delete("sections", "algebra")
    told = []
    for days in (1, GONE_DAYS + 1):
        reader(model, kept).read()
        records = kept.followed()
        assert records is not None
        told.append(records.apply(event(9, "updated", "")))
        model.pass_days(days)
        model.put(student(f"new after {days}"))
    reader(model, kept).read()
    records = kept.followed()
    assert records is not None
    told.append(records.apply(event(9, "updated", "")))
    assert told == [False, False, True]


def test_events_of_other_kinds_are_passed_over() -> None:
    strange = msgspec.structs.replace(event(1, "created", "t1"), type="courses.created")
    assert not Followed(Gathering(SCHOOLS)).apply(strange)
