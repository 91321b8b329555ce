"""Checks of single records and of what stands under them: shapes, links, relations that agree with the records."""

import msgspec

from fakes.clever.contract.check import check
from fakes.clever.contract.client import Reply
from fakes.clever.contract.shape import Json, compare
from fakes.clever.contract.wire import SECTIONS_SEARCHED_MAX, WIRE_TIME, Identified, Page, Unseen, Wire, ids_of
from fakes.clever.envelopes import PAGE_LIMIT_MAX
from fakes.clever.records import PLURALS, ROLES, STRUCTS, Kind
from fakes.clever.relations import RELATIONS, links_of

PART = "Records"
RECORDS_COMPARED = 1_000
"""Of every kind: one page, so that rare shapes are met too."""


class AnyRecord(msgspec.Struct, frozen=True):
    """Of any record, its id and when it was made and changed."""

    id: str
    created: str = ""
    last_modified: str = ""


class SchoolOf(msgspec.Struct, frozen=True):
    """Of a role, its schools."""

    school: str = ""
    schools: tuple[str, ...] = ()


class RolesOf(msgspec.Struct, frozen=True):
    """Of a user, which roles it holds."""

    student: SchoolOf | None = None
    teacher: SchoolOf | None = None
    staff: SchoolOf | None = None
    district_admin: SchoolOf | None = None
    contact: SchoolOf | None = None


class UserOf(msgspec.Struct, frozen=True):
    """Of a user, id and roles."""

    id: str
    roles: RolesOf


class SectionOf(msgspec.Struct, frozen=True):
    """Of a section, whom and what it names."""

    id: str
    school: str
    district: str = ""
    teacher: str | None = ""
    teachers: tuple[str, ...] = ()
    students: tuple[str, ...] = ()
    course: str | None = ""
    term_id: str | None = ""


class NoResourcesBody(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Where there are no resources."""

    resources: tuple[Identified, ...]


def _declare_shape_of(kind: Kind) -> None:
    @check(f"every {kind} has the fields of the reference", PART)
    def shape(wire: Wire) -> None:
        query = "" if kind == "district" else f"?limit={RECORDS_COMPARED}"
        page: Page[Json] = wire.page(wire.path(PLURALS[kind]) + query, msgspec.Raw)  # type: ignore[arg-type]
        if not page.records:
            raise Unseen(f"the district shares no {PLURALS[kind]}")
        for record in page.records:
            tree = msgspec.json.decode(record)  # type: ignore[arg-type]  # the bytes of a record
            for found in compare(tree, STRUCTS[wire.version][kind]):
                words = f"{kind} {tree.get('id', '?')}: {found.where}"
                page.reply.require(found.severity == "drift", f"{words}: {found.expected}", f"{words}: {found.came}")
                wire.note(f"{kind}, {found.where}: {found.came}; the reference has {found.expected}")


for _kind in PLURALS:
    _declare_shape_of(_kind)


@check("created and last_modified are moments with milliseconds, in UTC", PART)
def moments_are_written_alike(wire: Wire) -> None:
    """Look at schools, sections and users."""
    for plural in ("schools", "sections", "users"):
        page = wire.page(f"{wire.path(plural)}?limit={RECORDS_COMPARED}", AnyRecord)
        for record in page.records:
            for moment in filter(None, (record.created, record.last_modified)):
                page.reply.require(WIRE_TIME.fullmatch(moment) is not None, "2026-09-14T12:00:00.000Z", moment)


def _declare_links_of(kind: Kind) -> None:
    @check(f"a single {kind} has links to itself and to all that stands under it", "Envelopes and paging")
    def links(wire: Wire) -> None:
        record_id = wire.some(kind)[0] if kind != "district" else ids_of(wire.ids(wire.path("districts")))[0]
        uri = wire.path(PLURALS[kind], record_id)
        reply, body = wire.single(uri, Identified)
        reply.require(body.data.id == record_id, f"the {kind} that was asked for", body.data.id)
        came = {link.rel: link.uri for link in body.links}
        expected = {"self": uri} | {rel: f"{uri}/{rel}" for rel in links_of(kind)}
        for rel, where in expected.items():
            reply.require(came.get(rel) == where, f"a link {rel}: {where}", str(came.get(rel)))
        for rel in sorted(came.keys() - expected.keys()):
            wire.note(f"{kind}: a link {rel} that the reference does not have")


for _kind in PLURALS:
    _declare_links_of(_kind)


@check("role lists the users of that role and no others", "Endpoints")
def role_filters(wire: Wire) -> None:
    """Ask for each role, and compare with all users."""
    everybody = wire.page(f"{wire.path('users')}?limit={PAGE_LIMIT_MAX}", UserOf)
    whole = "next" not in everybody.links
    for role in ROLES:
        holders = [user.id for user in everybody.records if getattr(user.roles, role) is not None]
        page = wire.page(f"{wire.path('users')}?role={role}&limit={PAGE_LIMIT_MAX}", UserOf)
        for user in page.records:
            page.reply.require(getattr(user.roles, role) is not None, f"a {role}", f"{user.id}: {user.roles}")
        came = [user.id for user in page.records]
        page.reply.require(not whole or came == holders, f"{len(holders)} users", f"{len(came)} users")


@check("a word that is no role is a 400", "Endpoints")
def unknown_role(wire: Wire) -> None:
    """Ask for one."""
    wire.error(wire.get(f"{wire.path('users')}?role=janitor"), 400)


@check("a section's people are those that it names and that are shared", "Endpoints")
def section_users_are_its_people(wire: Wire) -> None:
    """Compare a section with its list of users, whole and by role."""
    section = _full_section(wire)
    users = f"{wire.path('sections', section.id, 'users')}?limit={PAGE_LIMIT_MAX}"
    for query, named in (
        ("", {*section.teachers, *section.students}),
        ("&role=teacher", set(section.teachers)),
        ("&role=student", set(section.students)),
    ):
        page = wire.ids(users + query)
        strangers = set(ids_of(page)) - named
        page.reply.require(not strangers, "only people whom the section names", f"also {sorted(strangers)}")
        for person in sorted(named - set(ids_of(page))):
            wire.error(wire.get(wire.path("users", person)), 404)


@check("a section's teacher is the first of its teachers", PART)
def teacher_is_the_first(wire: Wire) -> None:
    """Look at a page of sections."""
    page = wire.page(f"{wire.path('sections')}?limit={RECORDS_COMPARED}", SectionOf)
    if not page.records:
        raise Unseen("the district shares no sections")
    for section in page.records:
        first = section.teachers[0] if section.teachers else ""
        page.reply.require((section.teacher or "") == first, f"{section.id}: teacher {first!r}", repr(section.teacher))


@check("what a section names is what stands under it", "Endpoints")
def section_leads_to_what_it_names(wire: Wire) -> None:
    """Go to course, district, school and term of a section."""
    section = _full_section(wire)
    for name, named in (
        ("course", section.course),
        ("district", section.district),
        ("school", section.school),
        ("term", section.term_id),
    ):
        reply = wire.get(wire.path("sections", section.id, name))
        if not named:
            wire.error(reply, 404)
        elif reply.status != 404:  # named and not shared
            _, body = wire.single(reply.uri, Identified)
            reply.require(body.data.id == named, f"{name} {named}", body.data.id)


@check("everything that stands under a record is a list, or one record", "Endpoints")
def every_relation_answers(wire: Wire) -> None:
    """Go along every relation of the reference, from the first record of each kind."""
    first: dict[Kind, str] = {}
    for kind in PLURALS:
        ids = ids_of(wire.ids(wire.path(PLURALS[kind])))
        first |= {kind: ids[0]} if ids else {}
    for relation in RELATIONS:
        if relation.kind not in first:
            continue
        reply = wire.get(wire.path(PLURALS[relation.kind], first[relation.kind], relation.name.lower()))
        if relation.query is None:
            reply.require(reply.status in (200, 404), "200, or 404 where there is none")
        else:
            _list_or_no_resources(wire, reply, resources=relation.target == "resource")


@check("primary=true lists of a school's users those whose main school it is", "Envelopes and paging")
def primary_narrows(wire: Wire) -> None:
    """Compare both lists of the first school."""
    school = wire.some("school")[0]
    users = f"{wire.path('schools', school, 'users')}?limit={PAGE_LIMIT_MAX}"
    everybody = set(ids_of(wire.ids(users)))
    page = wire.page(f"{users}&primary=true", UserOf)
    for user in page.records:
        page.reply.require(user.id in everybody, "users of the school", f"{user.id}, who is not in the whole list")
        roles = [user.roles.student, user.roles.teacher, user.roles.staff]
        homes = {school_id for role in roles if role is not None for school_id in (role.school, *role.schools[:1])}
        page.reply.require(school in homes, f"users whose school is {school}", f"{user.id} of {sorted(homes)}")


def _full_section(wire: Wire) -> SectionOf:
    page = wire.page(f"{wire.path('sections')}?limit={SECTIONS_SEARCHED_MAX}", SectionOf)
    found = next((section for section in page.records if section.teachers and section.students), None)
    if found is None:
        raise Unseen(f"none of the first {SECTIONS_SEARCHED_MAX} sections has a teacher and a student")
    return found


def _list_or_no_resources(wire: Wire, reply: Reply, *, resources: bool) -> None:
    if resources and b'"resources"' in reply.body[:16]:
        body = reply.decode(NoResourcesBody, '{"resources":[]}')
        reply.require(not body.resources, '{"resources":[]}')
        return
    page = wire.ids(reply.uri)
    page.reply.require(bool(page.items) or not resources, '{"resources":[]} where there are none')
