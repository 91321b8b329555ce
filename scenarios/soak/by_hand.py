"""What teachers, students, admins and Support do in Otus on a drawn day."""

import random
from collections.abc import Sequence

from scenarios.soak.deeds import deed, one_of, step, two_of
from scenarios.soak.dice import some
from scenarios.soak.tale import Words
from scenarios.soak.town import Town


def _somebody(town: Town, chance: random.Random) -> str:
    return chance.choice([*town.people, *town.strangers])


@deed(6)
def add_student(town: Town, chance: random.Random) -> Sequence[Words]:
    """Add a student to a class (F8, F10)."""
    class_ = one_of(chance, town.classes)
    student = one_of(chance, list(town.students))
    return [step("otus", "add student", student=student, class_=class_)] if class_ and student else ()


@deed(4)
def add_co_teacher(town: Town, chance: random.Random) -> Sequence[Words]:
    """Add a co-teacher to a class (F9)."""
    class_ = one_of(chance, town.classes)
    return [step("otus", "add co-teacher", teacher=chance.choice(list(town.teachers)), class_=class_)] if class_ else ()


@deed(2)
def add_stranger(town: Town, chance: random.Random) -> Sequence[Words]:
    """Add somebody nobody knows, under an e-mail that somebody may get one day (H5)."""
    class_ = one_of(chance, town.classes)
    if class_ is None:
        return ()
    name = town.new_name()
    part = chance.choice(["student", "co-teacher"])
    domain = "students.example" if part == "student" else "schools.example"
    town.strangers[name] = f"{name.lower().replace(' ', '.')}@{domain}"
    who = "student" if part == "student" else "teacher"
    return [step("otus", f"add {part}", **{who: name}, class_=class_, email=town.strangers[name])]


@deed(4)
def remove(town: Town, chance: random.Random) -> Sequence[Words]:
    """Take somebody out of a class, rostered or not (H1)."""
    class_ = one_of(chance, town.classes)
    if class_ is None:
        return ()
    section = town.sections.get(class_)
    members = [*section.co_teachers, *section.students] if section is not None else []
    return [step("otus", "remove", person=chance.choice(members or town.people), class_=class_)]


@deed(2)
def join_by_code(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let a student join a class with its code (H6)."""
    class_, student = one_of(chance, town.classes), one_of(chance, list(town.students))
    return [step("otus", "join by code", student=student, class_=class_)] if class_ and student else ()


@deed(2)
def make_class(town: Town, chance: random.Random) -> Sequence[Words]:
    """Make a class by hand (F10, F11)."""
    name = town.new_class_name("Practice")
    town.sandboxes.append(name)
    students = some(chance, list(town.students), 3)
    return [step("otus", "make class", class_=name, teacher=chance.choice(list(town.teachers)), students=students)]


@deed(2)
def archive(town: Town, chance: random.Random) -> Sequence[Words]:
    """Archive a class by hand, or take it out of the archive (H2)."""
    class_ = one_of(chance, town.classes)
    verb = chance.choice(["archive class", "archive class", "unarchive class"])
    return [step("otus", verb, class_=class_)] if class_ else ()


@deed(2)
def delete(town: Town, chance: random.Random) -> Sequence[Words]:
    """Delete a class by hand (A17)."""
    class_ = one_of(chance, town.classes)
    return [step("otus", "delete class", class_=class_)] if class_ else ()


@deed(1)
def rename_class(town: Town, chance: random.Random) -> Sequence[Words]:
    """Give a class another name (H10)."""
    class_ = one_of(chance, town.classes)
    return [step("otus", "rename class", class_=class_, to=f"{class_} of room {chance.randrange(9)}")] if class_ else ()


@deed(2.5)
def change_email(town: Town, chance: random.Random) -> Sequence[Words]:
    """Edit an e-mail in Otus (A7): to a new one, or to one that somebody else has in ATS."""
    person = _somebody(town, chance)
    emails = [f"{person.split()[0].lower()}@home.example", town.emails[chance.choice(town.people)]]
    return [step("otus", "change email", person=person, email=chance.choice(emails))]


@deed(1)
def rename(town: Town, chance: random.Random) -> Sequence[Words]:
    """Edit a name in Otus (A7)."""
    return [step("otus", "rename", person=_somebody(town, chance), to=chance.choice(town.people))]


@deed(2)
def make_account(town: Town, chance: random.Random) -> Sequence[Words]:
    """Make an account by hand: under a new e-mail, or under one that somebody in ATS has got or will get (A11)."""
    name = town.new_name()
    role = chance.choice(["admin", "teacher", "student"])
    new = f"{name.lower().replace(' ', '.')}@{'students' if role == 'student' else 'schools'}.example"
    email = chance.choice([new, town.emails[chance.choice(town.people)]])
    if email == "none":
        email = new
    town.strangers[name] = email
    return [step("otus", "make account", person=name, role=role, email=email)]


@deed(2)
def hand_in_work(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let a student hand something in (H7)."""
    class_, student = one_of(chance, town.classes), one_of(chance, list(town.students))
    work = f"Essay {chance.randrange(100)}"
    return [step("otus", "hand in work", student=student, class_=class_, work=work)] if class_ and student else ()


@deed(4)
def adjust_id(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let Support adjust an ID (F12, A10)."""
    return [step("otus", "adjust ID", person=chance.choice(town.people))]


@deed(2)
def confuse_id(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let Support link an account to a wrong Clever user: an ID conflict begins."""
    return [step("otus", "confuse ID", person=chance.choice(town.people))]


@deed(1)
def turn_manual_rostering(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Turn the feature off or on (F11, A9)."""
    return [step("otus", "turn manual rostering", to=chance.random() < 0.6)]


@deed(0.7)
def pause_sync(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Let Otus take nothing from its sync (H9)."""
    return [step("otus", "pause sync")]


@deed(2)
def resume_sync(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Let Otus take accounts and classes again (H9)."""
    return [step("otus", "resume sync")]


@deed(4)
def rule_on_removals(town: Town, chance: random.Random) -> Sequence[Words]:  # noqa: ARG001 - a deed's form
    """Approve or discard what a run has withheld (A14)."""
    return [step("otus", chance.choice(["approve removals", "approve removals", "discard removals"]))]


@deed(1)
def swap_by_hand(town: Town, chance: random.Random) -> Sequence[Words]:
    """Let Support give two people each other's e-mails, over a third one."""
    pair = two_of(chance, town.people)
    if not pair:
        return ()
    first, second = pair
    emails = (f"{first.split()[0].lower()}@between.example", town.emails[first], town.emails[second])
    if "none" in emails:
        return ()
    people = (first, second, first)
    return [step("otus", "change email", person=p, email=e) for p, e in zip(people, emails, strict=True)]
