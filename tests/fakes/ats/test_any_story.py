"""F2, F3, A1, A2 as properties: whatever the office does, in whatever order."""

from collections import defaultdict
from collections.abc import Callable
from datetime import timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.ats import Ats
from fakes.ats.records import (
    CO_TEACHERS_MAX,
    Change,
    PersonEdit,
    SchoolQuery,
    Section,
    SectionEdit,
    ShareableQuery,
)
from fakes.shared.moments import wire_time
from fakes.shared.refusals import Refusal
from tests.fakes.ats.builders import (
    ANA,
    BEN,
    CAM,
    FIRST,
    MAIN,
    OFFICE,
    OTHER_SCHOOL,
    SCHOOL,
    SECOND,
    SECTION_ID,
    TERM,
    THIRD,
    TurnedClock,
    add_algebra,
    algebra,
    changes,
    turn,
)

Step = Callable[[Ats], object]

SECOND_SECTION_ID = "02M475-2026-1-ALG1-02"

teachers = st.sampled_from([MAIN, FIRST, SECOND, THIRD])
students = st.sampled_from([ANA, BEN, CAM])
people = st.one_of(teachers, students)
sections = st.sampled_from([SECTION_ID, SECOND_SECTION_ID])
several_teachers = st.lists(teachers, max_size=4).map(tuple)
schools = st.lists(st.sampled_from([SCHOOL, OTHER_SCHOOL]), max_size=2).map(tuple)

edits: st.SearchStrategy[Step] = st.one_of(
    st.builds(
        lambda co_teachers, number: lambda ats: ats.add_section(algebra(*co_teachers, number=number), by=OFFICE),
        several_teachers,
        st.sampled_from(["01", "02"]),
    ),
    st.builds(lambda section, who: lambda ats: ats.enroll(section, who, by=OFFICE), sections, students),
    st.builds(lambda section, who: lambda ats: ats.drop(section, who, by=OFFICE), sections, students),
    st.builds(lambda section, who: lambda ats: ats.add_co_teacher(section, who, by=OFFICE), sections, teachers),
    st.builds(lambda section, who: lambda ats: ats.remove_co_teacher(section, who, by=OFFICE), sections, teachers),
    st.builds(
        lambda section, main, others: (
            lambda ats: ats.edit_section(section, SectionEdit(teacher=main, co_teachers=others), by=OFFICE)
        ),
        sections,
        teachers,
        several_teachers,
    ),
    st.builds(lambda section: lambda ats: ats.cancel_section(section, by=OFFICE), sections),
    st.builds(lambda section: lambda ats: ats.restore_section(section, by=OFFICE), sections),
    st.builds(lambda who: lambda ats: ats.discharge(who, by=OFFICE), people),
    st.builds(lambda who: lambda ats: ats.readmit(who, by=OFFICE), people),
    st.builds(
        lambda who, where: lambda ats: ats.edit_person(who, PersonEdit(schools=where), by=OFFICE),
        people,
        schools,
    ),
)
finalizing: st.SearchStrategy[Step] = st.just(lambda ats: ats.finalize(SCHOOL, TERM, by=OFFICE))
reopening: st.SearchStrategy[Step] = st.just(lambda ats: ats.reopen(SCHOOL, TERM, by=OFFICE))
passing: st.SearchStrategy[Step] = st.floats(-5, 100).map(lambda hours: lambda ats: turn(ats, hours))

stories = st.lists(st.one_of(edits, edits, edits, finalizing, reopening, passing), max_size=25)


def waiting_numbers(ats: Ats, waiting: set[int], before: list[Change], state: str) -> set[int]:
    """Say, from what was seen at the last step, which changes have to wait now (F3, A2)."""
    new = {change.number for change in changes(ats)[len(before) :] if isinstance(change.record, Section)}
    return set() if state == "finalized" else waiting | new


@settings(max_examples=150, deadline=None, derandomize=True)
@given(story=stories)
def test_of_every_story_exactly_what_is_finalized_leaves(story: list[Step]) -> None:
    ats = Ats(TurnedClock())
    add_algebra(ats)
    waiting = {changes(ats, SECTION_ID)[-1].number}
    for step in story:
        before = changes(ats)
        try:
            step(ats)
        except Refusal:
            assert changes(ats) == before
        waiting = waiting_numbers(ats, waiting, before, ats.schedule(SCHOOL, TERM).state)
        assert {change.number for change in changes(ats) if change.released_at is None} == waiting
        assert_people_stand_where_they_may(ats)
    assert_nothing_leaves_before_it_is_made(ats)
    assert_what_waits_is_not_shareable(ats, waiting)
    ats.store.close()


@settings(max_examples=150, deadline=None, derandomize=True)
@given(story=stories, lag_hours=st.floats(0, 200), hours=st.floats(0, 500))
def test_of_every_story_each_record_is_shared_in_its_order(story: list[Step], lag_hours: float, hours: float) -> None:
    ats = Ats(TurnedClock())
    add_algebra(ats)
    for step in story:
        try:
            step(ats)
        except Refusal:
            continue
    at = wire_time(ats.clock() + timedelta(hours=hours))
    shared = ats.shareable(ShareableQuery(at=at, lag_hours=lag_hours)).items
    moments: dict[str, list[str]] = defaultdict(list)
    numbers: dict[str, list[int]] = defaultdict(list)
    for item in shared:
        moments[item.change.record.key].append(item.shared_at)
        numbers[item.change.record.key].append(item.change.number)
    for key, shared_at in moments.items():
        assert shared_at == sorted(shared_at)
        assert shared_at[-1] <= at
        made = [change.number for change in changes(ats, key)]
        assert numbers[key] == made[: len(numbers[key])], "a later change was shared before an earlier one"
    ats.store.close()


def assert_people_stand_where_they_may(ats: Ats) -> None:
    for section in ats.sections(SchoolQuery()).items:
        assert len(section.co_teachers) <= CO_TEACHERS_MAX
        everybody = [*section.students, *section.co_teachers, *([section.teacher] if section.teacher else [])]
        assert len(everybody) == len(set(everybody))
        for person_id in everybody:
            assert section.dbn in ats.person(person_id).schools
            assert not ats.person(person_id).discharged


def assert_nothing_leaves_before_it_is_made(ats: Ats) -> None:
    for change in changes(ats):
        assert change.released_at is None or change.released_at >= change.at


def assert_what_waits_is_not_shareable(ats: Ats, waiting: set[int]) -> None:
    far = ShareableQuery(at="2100-01-01T00:00:00Z", lag_hours=0)
    everything = {change.number for change in changes(ats)}
    assert {item.change.number for item in ats.shareable(far).items} == everything - waiting
