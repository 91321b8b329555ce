"""Following events and reading all of Clever end in the same state, whatever happened and whenever."""

from collections.abc import Callable

from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from otus_sync.clever import CleverReader, Memory
from otus_sync.clever_records import District, Roles, School, User
from otus_sync.clock import clock_from, written
from otus_sync.http import Http
from otus_sync.log import Log
from otus_sync.mirror import Standing
from otus_sync.plan.gathering import Gathered, Gathering
from otus_sync.settings import Secret, Settings
from tests.otus_sync.builders import SCHOOLS, section, settings, student, teacher
from tests.otus_sync.clever_model import START, CleverModel, mirror, reader, served
from tests.otus_sync.otus_model import OtusModel, night

KEYS = ("ann", "ben", "kim", "lou")
PLACES = ("school-a", "school-b", "unshared")

Happening = Callable[[CleverModel], None]


@st.composite
def users(draw: st.DrawFn) -> User:
    key = draw(st.sampled_from(KEYS))
    email = draw(st.sampled_from(("a@x.example", "b@x.example", None, "")))
    school = (draw(st.sampled_from(PLACES)),)
    kind = draw(st.sampled_from(("student", "teacher", "neither")))
    if kind == "neither":
        return User(key, email, roles=Roles())
    return (student if kind == "student" else teacher)(key, email, schools=school)


@st.composite
def happenings(draw: st.DrawFn) -> Happening:
    """One thing that happens in a district, as Clever sees it."""
    kind = draw(st.sampled_from(("user", "section", "section", "school", "delete", "delete", "repeat", "quiet")))
    if kind == "quiet":
        return lambda model: model.put()
    if kind == "repeat":
        place = draw(st.integers(0, 50))
        return lambda model: model.repeat(place)
    if kind == "delete":
        gone = draw(
            st.sampled_from(
                (("schools", "school-b"), *(("users", key) for key in KEYS), ("sections", "one"), ("sections", "two"))
            )
        )
        return lambda model: model.delete(*gone)  # type: ignore[arg-type]  # a kind and an id
    if kind == "user":
        user = draw(users())
        return lambda model: model.put(user)
    if kind == "school":
        school = draw(st.sampled_from((*SCHOOLS, School("school-a", "02M999"))))
        return lambda model: model.put(school)
    some = st.lists(st.sampled_from((*KEYS, "ghost")), max_size=3).map(tuple)
    there = section(draw(st.sampled_from(("one", "two"))), draw(some), draw(some), school=draw(st.sampled_from(PLACES)))
    return lambda model: model.put(there)


@st.composite
def used_settings(draw: st.DrawFn) -> Settings:
    return settings(
        follow=draw(st.sampled_from(("auto", "events"))),
        page_limit=draw(st.sampled_from((1, 2, 100))),
        full_pull_every_nights=draw(st.sampled_from((1, 3, 7))),
    )


nights = st.lists(
    st.tuples(
        st.lists(happenings(), max_size=5),
        st.tuples(happenings(), st.integers(0, 12)),  # while the sync reads, after so many answers
        st.sampled_from((0.5, 1, 1, 1, 2, 27.5, 29, 45)),  # days until the next night
    ),
    min_size=2,
    max_size=6,
)


def undated(clever: Gathered) -> list[list[object]]:
    return [list(part) for part in clever.undated()]


def later(model: CleverModel, happening: Happening) -> Callable[[], None]:
    def happens() -> None:
        model.pass_days(0.001)
        happening(model)

    return happens


@hypothesis_settings(max_examples=250, derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(nights, used_settings(), st.integers(0, 3))
def test_events_and_full_pulls_end_in_the_same_state(
    history: list[tuple[list[Happening], tuple[Happening, int], float]], used: Settings, overlap: int
) -> None:
    model, kept = CleverModel(), mirror()
    model.overlap = overlap
    model.put(*SCHOOLS, student("ann"), teacher("kim"), section("one", ("kim",), ("ann",)))
    by_events, by_pulls = OtusModel(), OtusModel()
    for happened, meanwhile, days in history:
        for happening in happened:
            happening(model)
        model.while_read(later(model, meanwhile[0]), meanwhile[1])
        tonight = reader(model, kept, used).read()
        if model.happened_after == len(model.asked):  # after the last answer: that is for the next run
            tonight = reader(model, kept, used).read()
        model.meanwhile = None
        whole = reader(model).read()
        assert undated(tonight) == undated(whole)
        assert night(tonight, by_events, used).plan == night(whole, by_pulls, used).plan
        assert by_events.state() == by_pulls.state()
        model.pass_days(days)


@given(st.lists(users(), unique_by=lambda user: user.id), st.lists(st.sampled_from((*KEYS, "ghost", ""))))
@hypothesis_settings(max_examples=50, derandomize=True, deadline=None)
def test_what_the_mirror_keeps_comes_out_of_it_as_it_went_in(there: list[User], roster: list[str]) -> None:
    kept = mirror()
    pulled = Gathering(SCHOOLS)
    pulled.replace([*there, section("one", tuple(roster[:2]), tuple(filter(None, roster)))], (), ())
    standing = Standing("d", "5", written(START), written(START), 1)
    kept.keep_all(pulled, standing, {})
    followed = kept.followed()
    assert followed is not None
    again = followed.gathering()
    assert undated(Gathered(District("d"), again)) == undated(Gathered(District("d"), pulled))
    assert again.same_as(pulled)
    assert again.columns() == pulled.columns()
    assert kept.standing() == standing


def test_events_are_followed_over_http() -> None:
    model, kept = CleverModel(), mirror()
    model.put(*SCHOOLS, student("ann"), student("ben"), teacher("kim"), section("one", ("kim",), ("ann",)))
    with served(model.answer) as url:
        http = Http("Clever", url, Secret("token"), settings(), Log(clock_from(START)))
        used = settings(page_limit=1)

        def read() -> CleverReader:
            memory = Memory(kept, lambda: model.now)
            return CleverReader(http, used, Log(clock_from(START)), lambda: None, memory)

        read().read()
        model.pass_days(1)
        model.put(section("one", ("kim",), ("ben",)))
        model.delete("users", "ann")
        model.asked.clear()
        tonight = read()
        side = tonight.read()
        http.close()
    assert tonight.followed
    assert not any(path.startswith(("/v3.1/users", "/v3.1/sections")) for path in model.asked)
    assert undated(side) == undated(reader(model).read())
    names = side.census.names()
    assert [names[number] for number in side.sections.students_at(0)] == ["ben"]
