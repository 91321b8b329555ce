"""Fills the file of a fake Clever with a drawn district."""

from collections import deque
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

from fakes.clever import Clever, CourseRow, Row, SchoolRow, Store, UserRow
from fakes.clever.filling import Filling, create_large
from loadtests.generate.calendar import TERM
from loadtests.generate.catalogue import LEVELS, ROW_GRADES
from loadtests.generate.chunks import Plan, Workshop, packed, put_away, tasks, workshop, write_chunk
from loadtests.generate.names import FIRST_NAMES, LAST_NAMES
from loadtests.generate.people_columns import SCHOOLS_DOMAIN, person_columns
from loadtests.generate.tell import Tell

WAITING_CHUNKS_MAX = 2
"""Written ahead of the file: it bounds the memory."""


def small_kinds(shop: Workshop) -> list[Row]:
    """Write the rows of everything that there is little of: schools, the term, courses, staff, district admins."""
    district = shop.district
    rows: list[Row] = [TERM, *(CourseRow(course.code, course.name, course.subject) for course in shop.catalogue)]
    rows[:0] = [_school(shop, place) for place in range(len(district.schools.dbns))]
    for role, people in (("staff", district.staff), ("district_admin", district.district_admins)):
        columns = person_columns(people, 0, len(people.number), SCHOOLS_DOMAIN)
        for place, school in enumerate(people.school.tolist()):
            first, last, email, number = (
                columns[name][place].decode() for name in ("first_name", "last_name", "email", "sis_id")
            )
            schools = (district.schools.dbns[school],) if role == "staff" else ()
            title = ("Principal", "Assistant Principal")[place % 2] if role == "staff" else "Data Manager"
            rows.append(UserRow(role, number, first, last, email, schools, title=title))  # type: ignore[arg-type]  # a literal above
    return rows


def _school(shop: Workshop, place: int) -> SchoolRow:
    schools = shop.district.schools
    level = LEVELS[schools.level[place]]
    dbn = schools.dbns[place]
    namesake = LAST_NAMES.names[int(place * 37 % len(LAST_NAMES.names))]
    patron = f"{FIRST_NAMES.names[int(place * 53 % len(FIRST_NAMES.names))]} {namesake}"
    number = dbn[3:].lstrip("0")
    name = f"{patron} High School" if level.title == "High School" else f"{level.title} {number} {patron}"
    return SchoolRow(dbn, name, ROW_GRADES[level.first_grade], ROW_GRADES[level.last_grade])


def fill_clever(path: Path, plan: Plan, tell: Tell) -> None:
    """Make the file.

    Args:
        path: of the file; there is none yet.
        plan: of the district.
        tell: hears how far it is.
    """
    shop = workshop(plan)
    create_large(path)
    with closing(Clever(lambda: plan.moment, plan.seed, store=Store(path))) as clever:
        clever.deliver(small_kinds(shop))
        if clever.clever_id("term", TERM.sis_id) != shop.places.id(shop.places.term).decode():
            raise AssertionError("Clever makes other ids than those that the district was laid out with")
    filling = Filling(path)
    with ThreadPoolExecutor(1, "filling") as thread:
        try:
            _fill(filling, thread, plan, shop, tell)
        except BaseException:
            filling.stop()
            thread.shutdown(cancel_futures=True)
            filling.give_up()
            raise
    with closing(Clever(lambda: plan.moment, plan.seed, store=Store(path))) as clever:
        clever.enable_events()
        clever.issue_token()


def _fill(filling: Filling, thread: ThreadPoolExecutor, plan: Plan, shop: Workshop, tell: Tell) -> None:
    """Write chunks while the thread puts earlier ones away: SQLite works by itself, and needs no turn of Python's."""
    work = list(tasks(shop.district))
    total, done = sum(task.end - task.begin for task in work), 0
    if filling.count() != shop.places.student - 1:
        raise AssertionError(f"{filling.count()} entries are there, and the district was laid out for others")
    waiting: deque[Future[None]] = deque()
    for task in work:
        waiting.append(thread.submit(put_away, filling, packed(write_chunk(plan, task), plan.moment)))
        if len(waiting) > WAITING_CHUNKS_MAX:
            waiting.popleft().result()
        done += task.end - task.begin
        tell(f"{task.space}s", done, total)
    for last in waiting:
        last.result()
    tell("indexes", total, total)
    thread.submit(filling.finish, minted=shop.places.end).result()
