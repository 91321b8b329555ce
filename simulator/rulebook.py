"""The rules in words: what a number in a story's ``rules:`` stands for. One definition for reports and errors.

F rules come from Otus's FAQ for districts with ATS/STARS, H rules from Otus's other help articles, A rules are
the project's assumptions where both are silent.
"""

RULES: dict[str, str] = {
    "F1": "Teacher and student e-mail addresses, sections and enrolments are managed in ATS/STARS only.",
    "F2": "A section has one teacher and at most 2 co-teachers; ATS/STARS refuses a third and changes nothing.",
    "F3": "Section and enrolment changes leave ATS/STARS only when the schedule is finalized.",
    "F4": "Clever holds what the feed has delivered, nothing newer; at the nightly sync Otus gets what Clever holds.",
    "F5": "The sync runs nightly.",
    "F6": "Admin accounts never come through Clever: the sync creates, changes and removes none.",
    "F7": "Teacher and student accounts come from Clever.",
    "F8": "A student added by hand to a rostered class is removed by the next sync unless Clever has them in it.",
    "F9": "A co-teacher added by hand to a rostered class stays.",
    "F10": "A class made by hand and everyone in it is never touched by the sync.",
    "F11": "Making a class by hand needs the district's manual-rostering feature.",
    "F12": (
        "A student is missing because: the schedule is not finalized; they are not in the section; Clever does not "
        "have it yet; no successful sync since; or their ID needs adjusting - asked in this order."
    ),
    "H1": "A rostered student or co-teacher removed by hand in Otus is back after the next sync.",
    "H2": "A rostered class archived by hand is unarchived by the next sync as long as Clever has it.",
    "H3": "Editions differ on by-hand co-teachers; a district setting chooses: keep, or only without rostered ones.",
    "H4": "A person without an e-mail is not rostered until one arrives; a rostered account keeps the one it has.",
    "H5": "Adding by hand under an unknown e-mail makes a by-hand account, linked later when Clever brings the person.",
    "H6": "A student who joins with a class code counts as added by hand.",
    "H7": "What a removed student did in the class is hidden, not deleted, and is there again when they return.",
    "H8": "Main teachers and admins add and remove in their classes; co-teachers too may archive a class.",
    "H9": "Otus pauses its sync before the last day of school and starts again at the transition on 1 July.",
    "H10": "Whether the sync overwrites a class name edited in Otus is a district setting.",
    "H11": "Only what is shared with the Otus application in Clever arrives; empty sections too.",
    "A1": "People (name, e-mail) leave ATS/STARS without waiting for a schedule.",
    "A2": "A change is shared 72 hours after change and finalization; changes of one record keep their order.",
    "A3": "Schools are named by DBN, students by 9-digit OSIS, sections by course code, number and term.",
    "A4": "A delivery that falls due at the very instant of the sync comes first.",
    "A5": "Clever's wire: format, paging, ids, rate limits, pauses, as recorded.",
    "A6": "The night is at 01:00 New York time; once when the clock goes back, at the first existing instant else.",
    "A7": "An e-mail or name edited in Otus on a rostered account is overwritten that night.",
    "A8": "A by-hand co-teacher whom Clever later lists becomes rostered, and then follows Clever.",
    "A9": "Turning manual rostering off later removes nothing.",
    "A10": "People match by Clever id, else SIS id and role, else e-mail and role; a linked account is an ID conflict.",
    "A11": "E-mails are unique in Otus; a swap in one night works, a clash is reported and heals by itself.",
    "A12": "A class gone from Clever is archived, and restored when it comes back.",
    "A13": "A person gone from Clever is deactivated and leaves rostered classes; it all works again when they return.",
    "A14": "A run that would remove more than 20 % (and at least 25) of a kind withholds removals and ends held.",
    "A15": "A run ends succeeded, held or failed; a second run changes nothing; a crash changes nothing in the end.",
    "A16": "An id in a section that Clever does not share never stops a run.",
    "A17": "A rostered class deleted by hand is made anew by the next sync, without its by-hand members.",
}


def in_words(number: str) -> str:
    """Say a rule in words.

    Raises:
        KeyError: there is no such rule.
    """
    return RULES[number]
