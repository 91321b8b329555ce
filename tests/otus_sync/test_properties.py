"""What holds whatever Clever and Otus look like."""

from typing import Any

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from otus_sync.clever import CleverSide, Section, User
from otus_sync.otus_records import Account
from otus_sync.plan import OtusSide, plan
from otus_sync.settings import Settings
from tests.otus_sync.builders import account, clever, section, settings, student, teacher
from tests.otus_sync.otus_model import OtusModel, night

KEYS = ("ann", "ben", "cat", "dan")
TEACHER_KEYS = ("kim", "lou")
EMAILS = ("a@x.example", "A@x.example", "b@x.example", "c@x.example", None)
SIS_IDS = ("1", "2", "3")
SCHOOLS = (("school-a",), ("school-b",), ("school-a", "school-b"), ("unshared",))


@st.composite
def people(draw: st.DrawFn) -> list[User]:
    def some(makes: Any, keys: tuple[str, ...]) -> list[User]:
        return [
            makes(
                key,
                draw(st.sampled_from(EMAILS)),
                draw(st.sampled_from(SIS_IDS)),
                schools=draw(st.sampled_from(SCHOOLS)),
            )
            for key in draw(st.sets(st.sampled_from(keys)))
        ]

    return some(student, KEYS) + some(teacher, TEACHER_KEYS)


@st.composite
def sections(draw: st.DrawFn) -> list[Section]:
    anybody = st.lists(st.sampled_from((*KEYS, *TEACHER_KEYS, "ghost")), max_size=4).map(tuple)
    return [
        section(key, draw(anybody), draw(anybody), school=draw(st.sampled_from(("school-a", "school-b", "unshared"))))
        for key in draw(st.sets(st.sampled_from(("one", "two", "three"))))
    ]


@st.composite
def clever_sides(draw: st.DrawFn) -> CleverSide:
    return clever(*draw(people()), *draw(sections()))


@st.composite
def accounts(draw: st.DrawFn) -> list[Account]:
    """Accounts with unique e-mails and Clever ids, some made by hand, some linked, some deactivated."""
    emails = draw(st.permutations(("a@x.example", "b@x.example", "c@x.example", "d@x.example")))
    links = draw(st.permutations((*KEYS, *TEACHER_KEYS, "long-gone", None, None, None)))
    return [
        account(
            number + 1,
            draw(st.sampled_from(("admin", "teacher", "student", "student"))),
            emails[number],
            links[number],
            draw(st.sampled_from((*SIS_IDS, None))),
            active=draw(st.booleans()),
        )
        for number in range(draw(st.integers(0, 4)))
    ]


@st.composite
def used_settings(draw: st.DrawFn) -> Settings:
    return settings(
        batch_rows=draw(st.sampled_from((1, 2, 100))),
        guard_percent=draw(st.sampled_from((0, 20, 100))),
        guard_minimum=draw(st.sampled_from((1, 25))),
        by_hand_co_teachers=draw(st.sampled_from(("keep", "only_without_rostered"))),
        schools=draw(st.sampled_from(((), ("02M475",)))),
    )


def disturb(otus: OtusModel, data: st.DataObject) -> None:
    """Let people do something by hand."""
    parts = st.sampled_from(("student", "co_teacher"))
    rooms = [room for room in otus.rooms.values() if room.clever_id]
    for room in rooms:
        rostered = {*room.roster.students, *room.roster.co_teachers, room.roster.teacher}
        others = [number for number in otus.people if number not in rostered]
        if data.draw(st.booleans()) and others:
            room.by_hand = {data.draw(st.sampled_from(others)): data.draw(parts)}
        room.archived = bool(data.draw(st.booleans()))
        room.name = data.draw(st.sampled_from((room.name, "Mine")))


many = hypothesis_settings(
    max_examples=150, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)


@many
@given(accounts(), st.lists(clever_sides(), min_size=1, max_size=3), used_settings(), st.data())
def test_a_second_run_writes_nothing_and_the_rules_hold(
    there: list[Account], nights: list[CleverSide], used: Settings, data: st.DataObject
) -> None:  # A15, A11, F6, F10
    otus = OtusModel(*there)
    admins = [person for person in there if person.role == "admin"]
    sandbox = otus.by_hand_class(members={person.id: "student" for person in there})
    members = dict(sandbox.by_hand)
    for side in nights:
        night(side, otus, used)  # the model itself asserts unique e-mails and untouched admins
        before = otus.state()
        again = night(side, otus, used)
        assert again.plan.is_empty()
        assert again.applied.problems == ()
        assert otus.state() == before
        disturb(otus, data)
    assert [otus.people[admin.id] for admin in admins] == admins
    assert (sandbox.by_hand, sandbox.archived, sandbox.name) == (members, False, "Sandbox")


@many
@given(accounts(), clever_sides(), st.booleans(), clever_sides(), used_settings(), st.data())
def test_reading_only_what_digests_leave_open_plans_the_same_as_reading_all(
    there: list[Account], yesterday: CleverSide, changes: bool, other: CleverSide, used: Settings, data: st.DataObject
) -> None:
    otus = OtusModel(*there)
    night(yesterday, otus, used)
    disturb(otus, data)
    today = other if changes else yesterday
    classes = tuple(otus.class_digests())
    rosters = {found.class_id: found for found in otus.rosters()}
    whole = plan(today, OtusSide(tuple(otus.accounts()), classes, rosters), used)
    assert night(today, otus, used).plan == whole


@many
@given(accounts(), clever_sides(), clever_sides(), used_settings())
def test_looking_at_nobody_whose_account_fits_plans_the_same_as_looking_at_everybody(
    there: list[Account], yesterday: CleverSide, today: CleverSide, used: Settings
) -> None:
    otus = OtusModel(*there)
    night(yesterday, otus, used)
    classes = tuple(otus.class_digests())
    rosters = {found.class_id: found for found in otus.rosters()}
    side = OtusSide(tuple(otus.accounts()), classes, rosters)
    assert plan(today, side, used) == plan(today, side, used, everybody_open=True)


@many
@given(accounts(), clever_sides(), used_settings())
def test_who_is_rostered_is_in_exactly_clevers_classes(
    there: list[Account], side: CleverSide, used: Settings
) -> None:  # F7, F8
    otus = OtusModel(*there)
    tonight = night(side, otus, settings(batch_rows=used.batch_rows))
    shut_out = {problem.clever_id for problem in tonight.plan.problems if problem.kind in ("id_conflict", "no_email")}
    students = {user.id for user in side.users if user.roles.student}
    linked = {person.clever_id for person in otus.people.values() if person.role != "admin"}
    for wanted in side.sections:
        if wanted.school in ("school-a", "school-b"):
            expected = {key for key in wanted.students if key in students and key in linked and key not in shut_out}
            assert otus.students_in(wanted.id) == expected
