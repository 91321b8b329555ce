"""Writes what a Clever's district delivers as the files of an upload; read again, they give the same rows."""

import csv
import io
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager
from functools import partial
from itertools import zip_longest
from pathlib import Path
from typing import IO, NamedTuple

import msgspec

from fakes.clever.feed import EXT, CourseRow, ResourceRow, SchoolRow, SectionRow, TermRow, UserRow
from fakes.clever.rules import Clever
from fakes.clever.sftp.columns import (
    COURSES,
    DAYS,
    ENROLLMENTS,
    GIVEN,
    LAYOUTS,
    PEOPLE,
    RESOURCES,
    SAME_AS_KEY,
    SCHOOLS,
    SECTIONS,
    STAFF,
    TEACHER_COLUMNS_MIN,
    TERMS,
    Column,
    Layout,
    teacher_column,
)
from fakes.clever.sftp.days import write_day
from fakes.clever.store import Delivered

Values = Mapping[str, str]
"""What a line says, by field."""

Source = Callable[[], Iterable[Values]]
"""Gives a file's lines; it is asked twice, for the columns and for the lines."""


class NoColumn(ValueError):  # noqa: N818 - as the refusals are named
    """Rows give something that no column of their file holds, so it would be lost."""


class CsvFile(NamedTuple):
    """A file to be written."""

    layout: Layout
    columns: tuple[Column, ...]
    lines: Source

    def write(self, stream: IO[str]) -> None:
        """Write it, line by line."""
        # A field with either of the line's two ends is quoted, so a name may hold any of them.
        writer = csv.writer(stream, lineterminator="\r\n")
        writer.writerow([column.name for column in self.columns])
        fields = [column.field for column in self.columns]
        writer.writerows([line.get(field, "") for field in fields] for line in self.lines())


def export_files(clever: Clever) -> dict[str, bytes]:
    """Write what a Clever's district delivers now.

    Args:
        clever: any; what waits in a pause or on hold is not delivered yet.

    Returns:
        The files by name; those of Clever's format always, our own where they say something.

    Raises:
        NoColumn: something would be lost.
    """
    files = {}
    for file in _files(clever):
        stream = io.StringIO(newline="")
        file.write(stream)
        files[file.layout.file] = stream.getvalue().encode()
    return files


def export_folder(clever: Clever, folder: Path) -> None:
    """Write the same into a folder, and take our own files away that say nothing any more.

    Args:
        clever: any.
        folder: is made if it is not there.

    Raises:
        NoColumn: something would be lost.
    """
    folder.mkdir(parents=True, exist_ok=True)
    written = set()
    for file in _files(clever):
        written.add(file.layout.file)
        with _open(folder / file.layout.file) as stream:
            file.write(stream)
    for name in LAYOUTS:
        if name not in written:
            (folder / name).unlink(missing_ok=True)


def _open(path: Path) -> AbstractContextManager[IO[str]]:
    return path.open("w", encoding="utf-8", newline="")


def _files(clever: Clever) -> Iterator[CsvFile]:
    courses = {row.sis_id: row for row in clever.delivered("course") if isinstance(row, CourseRow)}
    terms = {row.sis_id: row for row in clever.delivered("term") if isinstance(row, TermRow)}
    yield _file(SCHOOLS, lambda: map(_plain, clever.delivered("school")))
    for layout in PEOPLE:
        file = _file(layout, partial(_people_lines, clever, layout))
        if layout.required or layout is STAFF or _any(file):
            yield file
    yield _sections_file(clever, courses, terms)
    yield _file(ENROLLMENTS, lambda: _enrollment_lines(clever))
    more = (
        _file(COURSES, partial(_untold, courses, {row.course for row in _sections(clever)})),
        _file(TERMS, partial(_untold, terms, {row.term for row in _sections(clever)})),
        _file(RESOURCES, partial(_resource_lines, clever)),
    )
    yield from filter(_any, more)


def _file(layout: Layout, lines: Source) -> CsvFile:
    """Choose the columns: the usual ones, the others where a line says something in them."""
    used = {field for line in lines() for field, value in line.items() if value}
    columns = [column for column in layout.columns if column.need != "extra" or column.field in used]
    own = sorted(field for field in used if field.startswith(GIVEN + EXT))
    homeless = {field for field in used if field.startswith(GIVEN)}.difference(
        own, SAME_AS_KEY, (column.field for column in columns)
    )
    if homeless:
        names = ", ".join(sorted(field.removeprefix(GIVEN) for field in homeless))
        raise NoColumn(
            f"{layout.file} has no column for {names}, which rows give; districts' own names begin with {EXT}"
        )
    return CsvFile(layout, (*columns, *(Column(field.removeprefix(GIVEN), field) for field in own)), lines)


def _any(file: CsvFile) -> bool:
    return next(iter(file.lines()), None) is not None


def _plain(row: Delivered) -> dict[str, str]:
    """Say a row by field, without its lists."""
    values: dict[str, str] = {}
    for field in row.__struct_fields__:
        value = getattr(row, field)
        if isinstance(value, str):
            values[field] = write_day(value) if field in DAYS else value
    values |= dict.fromkeys(SAME_AS_KEY, row.sis_id)
    if isinstance(row, SchoolRow | UserRow | SectionRow):
        values |= {GIVEN + name: value for name, value in row.given}
    return values


def _people_lines(clever: Clever, layout: Layout) -> Iterator[Values]:
    for row in clever.delivered(layout.role or ""):
        if not isinstance(row, UserRow):
            raise TypeError(f"{row.sis_id} is delivered as a {layout.role}, and is no user")
        values = _plain(row)
        named = zip_longest(dict.fromkeys(row.schools), dict.fromkeys(row.students), fillvalue="")
        for school, student in list(named) or [("", "")]:
            yield {**values, "school": school, "student": student}


def _resource_lines(clever: Clever) -> Iterator[Values]:
    for row in clever.delivered("resource"):
        if not isinstance(row, ResourceRow):
            raise TypeError(f"{row.sis_id} is delivered as a resource, and is none")
        lists = (row.roles, row.sections, row.courses, row.teachers, row.students)
        named = zip_longest(*map(dict.fromkeys, lists), fillvalue="")
        for line in list(named) or [("",) * len(lists)]:
            yield {**_plain(row), **dict(zip(("role", "section", "course", "teacher", "student"), line, strict=True))}


def _sections(clever: Clever) -> Iterator[SectionRow]:
    return (row for row in clever.delivered("section") if isinstance(row, SectionRow))


def _sections_file(clever: Clever, courses: Mapping[str, CourseRow], terms: Mapping[str, TermRow]) -> CsvFile:
    file = _file(SECTIONS, lambda: (_section_line(row, courses, terms) for row in _sections(clever)))
    teachers = max((len(row.teachers) for row in _sections(clever)), default=0)
    places = range(2, max(teachers, TEACHER_COLUMNS_MIN) + 1)
    main = next(place for place, column in enumerate(file.columns, start=1) if column == teacher_column(1))
    return file._replace(columns=(*file.columns[:main], *map(teacher_column, places), *file.columns[main:]))


def _section_line(row: SectionRow, courses: Mapping[str, CourseRow], terms: Mapping[str, TermRow]) -> Values:
    values = _plain(row)
    course, term = courses.get(row.course), terms.get(row.term)
    if course is not None:
        values |= {"course.name": course.name, "course.subject": course.subject}
    if term is not None:
        values |= {
            "term.name": term.name,
            "start_date": write_day(term.start_date),
            "end_date": write_day(term.end_date),
        }
        if row.term == " ".join(part for part in (term.name, term.start_date, term.end_date) if part):
            values["term"] = ""  # name and dates tell it
    for place, teacher in enumerate(dict.fromkeys(row.teachers), start=1):
        values[teacher_column(place).field] = teacher
    return values


def _enrollment_lines(clever: Clever) -> Iterator[Values]:
    for row in _sections(clever):
        for student in dict.fromkeys(row.students):
            yield {"school": row.school, "section": row.sis_id, "sis_id": student}


def _untold(rows: Mapping[str, CourseRow] | Mapping[str, TermRow], named: Collection[str]) -> Iterator[Values]:
    """Give the courses or terms of which no section's line says all; a line says nothing of one without a word."""
    for key, row in rows.items():
        if key not in named or not any(msgspec.structs.astuple(row)[1:]):
            yield _plain(row)
