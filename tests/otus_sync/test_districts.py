"""Several districts in one settings file, and what is shown of settings."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
from click.testing import CliRunner, Result

from otus_sync import app
from otus_sync.cli import commands
from otus_sync.errors import AnotherRunError, SettingsError, UnreachableError
from otus_sync.run import Outcome
from otus_sync.settings import Settings, Source, load_settings
from otus_sync.settings_file import file_schema

TWO = """
clever_url = "http://127.0.0.1:5001"
otus_url = "http://127.0.0.1:5002"
guard_percent = 10

[[district]]
name = "bronx"
clever_token = "bronx-s3cret"
otus_token = "bronx-otus-s3cret"
schools = ["07X001"]

[[district]]
name = "staten-island"
clever_token = "island-s3cret"
otus_token = "island-otus-s3cret"
guard_percent = 30
"""


def file_with(folder: Path, text: str = TWO) -> Path:
    path = folder / "sync.toml"
    path.write_text(text)
    return path


def source(folder: Path, text: str = TWO, **environ: str) -> Source:
    return Source({"SYNC_CONFIG": str(file_with(folder, text)), "SYNC_STATE_DIR": str(folder), **environ})


def command(*arguments: str, environ: Mapping[str, str]) -> Result:
    return CliRunner().invoke(commands, arguments, env={**environ, "COLUMNS": "200", "NO_COLOR": "1"})


def test_each_district_has_its_token_its_schools_and_its_ledger(tmp_path: Path) -> None:
    bronx, island = (source(tmp_path).settings(name) for name in ("bronx", "staten-island"))
    assert (bronx.clever_token.text, island.clever_token.text) == ("bronx-s3cret", "island-s3cret")
    assert (bronx.schools, island.schools) == (("07X001",), ())
    assert (bronx.guard_percent, island.guard_percent) == (10, 30)
    assert (bronx.ledger_folder, island.ledger_folder) == (tmp_path / "bronx", tmp_path / "staten-island")


def test_what_stands_nearer_to_a_district_counts(tmp_path: Path) -> None:
    environ = {"SYNC_GUARD_PERCENT": "15", "SYNC_GUARD_PERCENT_STATEN_ISLAND": "35", "SYNC_PAGE_LIMIT": "7"}
    found = source(tmp_path, **environ)
    assert (found.settings("bronx").guard_percent, found.settings("staten-island").guard_percent) == (15, 35)
    assert found.settings("bronx").page_limit == 7
    by_flag = Source({"SYNC_CONFIG": str(tmp_path / "sync.toml"), **environ}, {"guard_percent": "40"})
    assert by_flag.settings("staten-island").guard_percent == 40


def test_a_token_may_come_from_the_environment_of_its_district(tmp_path: Path) -> None:
    without = TWO.replace('clever_token = "bronx-s3cret"\n', "")
    assert source(tmp_path, without, CLEVER_TOKEN_BRONX="t").settings("bronx").clever_token.text == "t"


def test_no_token_serves_two_districts(tmp_path: Path) -> None:
    without = TWO.replace('clever_token = "bronx-s3cret"\n', "")
    with pytest.raises(SettingsError, match=r"clever_token of district bronx: .* expected its own.*CLEVER_TOKEN_BRONX"):
        source(tmp_path, without, CLEVER_TOKEN="t").settings("bronx")
    with pytest.raises(SettingsError, match="missing for district bronx: CLEVER_TOKEN"):
        source(tmp_path, without).settings("bronx")


def test_a_district_is_named_or_all_are_meant(tmp_path: Path) -> None:
    found = source(tmp_path)
    assert found.districts("bronx") == ("bronx",)
    assert found.districts("all") == ("bronx", "staten-island")
    assert source(tmp_path, SYNC_DISTRICT="all").districts() == ("bronx", "staten-island")
    with pytest.raises(SettingsError, match=r"which district.*bronx, staten-island"):
        found.districts()
    with pytest.raises(SettingsError, match="'queens': found no such district; there are bronx, staten-island"):
        found.districts("queens")
    with pytest.raises(SettingsError, match="found all, expected one of"):
        found.one_district("all")
    with pytest.raises(SettingsError, match="the settings file names no district"):
        Source({}).districts("bronx")


def test_one_district_need_not_be_named(tmp_path: Path) -> None:
    only = TWO.split("[[district]]")
    one = only[0] + "[[district]]" + only[1]
    path = file_with(tmp_path, one)
    assert load_settings({"SYNC_CONFIG": str(path)}).district == "bronx"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("[[district]]\nschools = []", "found None, expected lower-case letters"),
        ("[[district]]\nname = 'all'", "found 'all', expected lower-case letters"),
        ("[[district]]\nname = '../x'", "expected lower-case letters"),
        ("[[district]]\nname = 'a'\n[[district]]\nname = 'a'", "there are two districts 'a'"),
        ("[[district]]\nname = 'a'\nscools = []", "scools in .* did you mean schools"),
        ("district = 'bronx'", r"expected tables that begin with \[\[district\]\]"),
    ],
)
def test_a_wrong_table_is_named_with_what_is_expected(tmp_path: Path, text: str, message: str) -> None:
    with pytest.raises(SettingsError, match=message):
        source(tmp_path, text)


def test_all_districts_run_one_by_one_and_the_gravest_end_is_the_exit_code(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    ran: list[str] = []
    ends: dict[str, Outcome | Exception] = {}

    def run_sync(settings: Settings) -> Outcome:
        ran.append(settings.district)
        end = ends[settings.district]
        if isinstance(end, Exception):
            raise end
        return end

    monkeypatch.setattr(app, "run_sync", run_sync)
    environ = {"SYNC_CONFIG": str(file_with(tmp_path)), "SYNC_DISTRICT": "all"}
    good, held = Outcome("succeeded", "fine"), Outcome("held", "too many")
    busy, dead = AnotherRunError("busy"), UnreachableError("Otus", "GET /", "cut")
    for one, other, code in ((good, good, 0), (held, good, 3), (busy, held, 4), (held, dead, 1), (dead, good, 1)):
        ends |= {"bronx": one, "staten-island": other}
        assert app.nightly(environ) == code
    assert ran == ["bronx", "staten-island"] * 5
    assert "otus-sync: staten-island: Otus, GET /: cut" in capsys.readouterr().err
    result = command("run", "--district", "all", environ=environ)
    assert (result.exit_code, result.stdout) == (1, "staten-island: succeeded: fine\n")
    assert command("run", "--district", "bronx", environ=environ).exit_code == 1


def test_bad_settings_of_one_district_keep_all_from_running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(app, "run_sync", lambda _: pytest.fail("it ran"))
    bad = TWO.replace("guard_percent = 30", "guard_percent = 300")
    assert app.nightly({"SYNC_CONFIG": str(file_with(tmp_path, bad)), "SYNC_DISTRICT": "all"}) == 2


def test_settings_are_shown_with_where_they_come_from_and_tokens_are_not(tmp_path: Path) -> None:
    environ = {"SYNC_CONFIG": str(file_with(tmp_path)), "SYNC_PAGE_LIMIT": "50"}
    result = command("settings", "--district", "bronx", "--json", environ=environ)
    assert result.exit_code == 0
    rows = {row["setting"]: (row["value"], row["where"]) for row in msgspec.json.decode(result.stdout)}
    path = tmp_path / "sync.toml"
    assert rows["clever_token"] == ("(hidden)", f"clever_token of district bronx in {path}")
    assert rows["guard_percent"] == ("10", f"guard_percent in {path}")
    assert rows["page_limit"] == ("50", "SYNC_PAGE_LIMIT in the environment")
    assert rows["overwrite_class_names"] == ("true", "built in")
    table = command("settings", "--district", "bronx", "--guard-minimum", "9", environ=environ).stdout
    assert "--guard-minimum on the command line" in " ".join(table.split())
    assert "s3cret" not in result.stdout + table


def test_settings_that_are_missing_are_shown_and_said() -> None:
    result = command("settings", "--json", environ={"OTUS_TOKEN": "s3cret"})
    assert result.exit_code == 2
    assert "missing: CLEVER_URL" in result.stderr
    rows: Any = msgspec.json.decode(result.stdout)
    assert next(row for row in rows if row["setting"] == "clever_url")["where"] == "missing"


def test_the_schema_accepts_what_the_sync_accepts_and_refuses_what_it_refuses(tmp_path: Path) -> None:
    import tomllib

    schema = msgspec.json.decode(command("settings", "--schema", environ={}).stdout)
    assert schema == file_schema()
    jsonschema.Draft202012Validator.check_schema(schema)
    judge = jsonschema.Draft202012Validator(schema)
    assert judge.is_valid(tomllib.loads(TWO))
    for wrong in ("guard_percent = 101", "scools = []", "follow = 'never'", "[[district]]\nname = 'Bronx X'"):
        assert not judge.is_valid(tomllib.loads(wrong)), wrong
        with pytest.raises(SettingsError):
            source(tmp_path, wrong).given()
