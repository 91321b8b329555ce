"""``rostersim explain``, as a user meets it."""

import json
from pathlib import Path

from click.testing import CliRunner, Result

from rostersim.cli import cli
from tests.rostersim.served.builders import ENROLL, served
from tests.scenarios.builders import story_file, story_text

ENROLLED = """\
  - Mon 14 Sep 10:00: {ats: enroll, student: Mei Chen, section: Algebra 1-01}
  - after nights 1-4: {expect: {sync: {ended: succeeded}}}
"""
WHO = ("Mei Chen", "Algebra 1-01")


def explain(*words: str) -> Result:
    result = CliRunner().invoke(cli, ("explain", *words), prog_name="rostersim")
    assert "Traceback" not in result.output
    return result


def story(folder: Path) -> str:
    return str(story_file(folder, story_text(ENROLLED)))


def test_a_ticket_is_answered_with_when_it_will_be_right(tmp_path: Path) -> None:
    result = explain(*WHO, "--scenario", story(tmp_path), "--at", "Tue 15 Sep 12:00")
    assert result.exit_code == 0
    for words in (
        "Mei Chen is missing from Algebra 1-01: not in Clever yet",
        "in Clever Thu 17 Sep 10:00, in Otus Fri 18 Sep 01:00",
        "✔ 2 Is Mei Chen in Algebra 1-01 in ATS/STARS? (F1) yes",
        "Mon 14 Sep 10:00  ATS/STARS: DIIT office: on the list since then",
        "✘ 3 Does Clever have it? (72 hours, F4) no",
    ):
        assert words in result.output
    assert "\x1b" not in result.output


def test_at_the_storys_end_it_is_right(tmp_path: Path) -> None:
    result = explain("mei chen", "algebra 1-01", "--scenario", story(tmp_path), "--json")
    told = json.loads(result.output)
    assert (told["topics"][0]["now"], told["topics"][0]["right"]) == ("on the roster", True)


def test_a_moment_of_the_night_itself_is_after_its_run(tmp_path: Path) -> None:
    result = explain(*WHO, "--scenario", story(tmp_path), "--at", "Fri 18 Sep 01:00")
    assert "Mei Chen is on the roster of Algebra 1-01" in result.output


def test_a_world_is_looked_at_as_it_begins(tmp_path: Path) -> None:
    (tmp_path / "world.scenario.yaml").write_text(story_text(ENROLLED), encoding="utf-8")
    result = explain(*WHO, "--world", str(tmp_path))
    assert "Mei Chen is missing from Algebra 1-01: not in the section" in result.output
    assert "never; added now, in Clever Thu 17 Sep 08:00, in Otus Fri 18 Sep 01:00" in result.output


def test_a_served_world_is_looked_at_as_it_is_now(tmp_path: Path) -> None:
    with served(tmp_path) as asker:
        asker.do(ENROLL)
        result = explain(*WHO, "--live", asker.url)
        unknown = explain("Mei Chan", "--live", asker.url)
        elsewhere = explain(*WHO, "--live", asker.url, "--id", "other")
    assert result.exit_code == 0, result.output
    assert "in Clever Thu 17 Sep 08:00, in Otus Fri 18 Sep 01:00" in result.output
    assert (unknown.exit_code, "did you mean 'Mei Chen'?" in unknown.output) == (2, True), unknown.output
    assert (elsewhere.exit_code, "other" in elsewhere.output) == (2, True), elsewhere.output
    gone = explain(*WHO, "--live", str(tmp_path / "nowhere"))
    assert (gone.exit_code, "no server keeps the worlds" in gone.output) == (2, True)


def test_wrong_input_is_told_in_one_line_with_what_is_right(tmp_path: Path) -> None:
    path = story(tmp_path)
    for words, message in (
        (("Mei Chan", "--scenario", path), "did you mean 'Mei Chen'?"),
        ((*WHO, "--scenario", path, "--at", "Tue 14 Sep 12:00"), "is a Mon, not a Tue"),
        ((*WHO, "--scenario", path, "--at", "soon"), "is no time"),
        ((*WHO, "--scenario", path, "--at", "Sun 13 Sep 12:00"), "before the story begins"),
        ((*WHO, "--scenario", "library/studnt-missing"), "did you mean 'library/student-missing'?"),
        ((*WHO, "--scenario", "library/student-missing"), "holds 9 stories"),
        (WHO, "say where to look"),
    ):
        result = explain(*words)
        assert (result.exit_code, message in result.output, result.output.count("\n")) == (2, True, 1), result.output
