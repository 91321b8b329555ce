"""Where settings come from, and what is said of wrong ones."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from otus_sync.errors import SettingsError
from otus_sync.settings import load_settings

REQUIRED = {
    "CLEVER_URL": "http://127.0.0.1:5001/",
    "CLEVER_TOKEN": "clever-s3cret",
    "OTUS_URL": "http://127.0.0.1:5002",
    "OTUS_TOKEN": "otus-s3cret",
}


def file_with(folder: Path, text: str) -> Path:
    path = folder / "sync.toml"
    path.write_text(text)
    return path


def test_the_defaults_are_the_districts_rules() -> None:  # F9, H10, A14
    used = load_settings(REQUIRED)
    assert (used.by_hand_co_teachers, used.overwrite_class_names) == ("keep", True)
    assert (used.guard_percent, used.guard_minimum, used.schools, used.now) == (20, 25, (), None)
    assert used.clever_url == "http://127.0.0.1:5001"


def test_file_is_overruled_by_environment_and_that_by_the_command_line(tmp_path: Path) -> None:
    path = file_with(tmp_path, "guard_percent = 1\nguard_minimum = 2\npage_limit = 3\nschools = ['03M859', '02M475']\n")
    environ = {**REQUIRED, "SYNC_GUARD_MINIMUM": "20", "SYNC_PAGE_LIMIT": "30", "SYNC_CONFIG": str(path)}
    used = load_settings(environ, {"page_limit": "300"})
    assert (used.guard_percent, used.guard_minimum, used.page_limit) == (1, 20, 300)
    assert used.schools == ("02M475", "03M859")


def test_every_kind_of_value_is_read_from_the_environment() -> None:
    used = load_settings(
        REQUIRED
        | {
            "SYNC_NOW": "2026-09-18T01:00:00-04:00",
            "SYNC_SCHOOLS": " 03M859, 02M475,",
            "SYNC_BY_HAND_CO_TEACHERS": "only_without_rostered",
            "SYNC_OVERWRITE_CLASS_NAMES": "false",
            "SYNC_BACKOFF_SECONDS": "0.5",
            "SYNC_STATE_DIR": "/tmp/ledger",
        }
    )
    assert used.now == datetime(2026, 9, 18, 5, tzinfo=UTC)
    assert used.schools == ("02M475", "03M859")
    assert (used.by_hand_co_teachers, used.overwrite_class_names) == ("only_without_rostered", False)
    assert (used.backoff_seconds, used.state_dir) == (0.5, Path("/tmp/ledger"))


def test_an_empty_value_in_the_environment_counts_as_none() -> None:
    assert load_settings({**REQUIRED, "SYNC_NOW": "", "SYNC_GUARD_PERCENT": ""}).guard_percent == 20


def test_everything_that_is_missing_is_said_at_once() -> None:
    with pytest.raises(SettingsError, match=r"missing: CLEVER_TOKEN .*; OTUS_URL .*Set them in the environment"):
        load_settings({key: value for key, value in REQUIRED.items() if key in ("CLEVER_URL", "OTUS_TOKEN")})


@pytest.mark.parametrize(
    ("variable", "value", "expected"),
    [
        ("CLEVER_URL", "127.0.0.1:5001", "a base URL without a version"),
        ("CLEVER_URL", "https://api.clever.com/v3.1", "a base URL without a version"),
        ("CLEVER_URL", "http://127.0.0.1:99999", "a base URL without a version"),
        ("OTUS_URL", "https://:443", r"a base URL without /api/v1"),
        ("OTUS_URL", "https://otus.example/api/v1", r"a base URL without /api/v1"),
        ("SYNC_GUARD_PERCENT", "101", "a whole number from 0 to 100"),
        ("SYNC_GUARD_PERCENT", "many", "a whole number from 0 to 100"),
        ("SYNC_NOW", "2026-09-18T01:00:00", "a moment with its offset"),
        ("SYNC_BY_HAND_CO_TEACHERS", "remove", "keep or only_without_rostered"),
        ("SYNC_OVERWRITE_CLASS_NAMES", "perhaps", "true or false"),
        ("SYNC_TIMEOUT_SECONDS", "nan", "seconds above 0"),
    ],
)
def test_a_wrong_value_is_named_with_its_place_and_what_is_accepted(variable: str, value: str, expected: str) -> None:
    with pytest.raises(SettingsError, match=f"{variable} in the environment: found '{value}', expected {expected}"):
        load_settings({**REQUIRED, variable: value})


def test_readers_need_a_system_that_forks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings({**REQUIRED, "SYNC_READERS": "2"}).readers == 2
    monkeypatch.delattr("os.fork")
    assert load_settings({**REQUIRED, "SYNC_READERS": "1"}).readers == 1
    with pytest.raises(SettingsError, match="above 1 only on a system that forks processes"):
        load_settings({**REQUIRED, "SYNC_READERS": "2"})


def test_a_wrong_value_in_a_file_is_named_with_the_file(tmp_path: Path) -> None:
    path = file_with(tmp_path, "guard_percent = true\n")
    with pytest.raises(SettingsError, match=r"guard_percent in .*sync.toml: found True, expected a whole number"):
        load_settings(REQUIRED, config=path)


def test_an_unknown_setting_in_a_file_is_named_with_the_nearest_one(tmp_path: Path) -> None:
    path = file_with(tmp_path, "gard_percent = 5\n")
    with pytest.raises(SettingsError, match=r"gard_percent in .*; did you mean guard_percent\?"):
        load_settings(REQUIRED, config=path)


@pytest.mark.parametrize("text", ["guard_percent = ", "\x00"])
def test_a_file_that_is_no_toml_is_named(tmp_path: Path, text: str) -> None:
    with pytest.raises(SettingsError, match=r"sync.toml is no TOML"):
        load_settings(REQUIRED, config=file_with(tmp_path, text))


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"none.toml cannot be read: No such file"):
        load_settings({**REQUIRED, "SYNC_CONFIG": str(tmp_path / "none.toml")})


def test_a_token_is_never_shown() -> None:
    assert "s3cret" not in repr(load_settings(REQUIRED))
    with pytest.raises(SettingsError) as caught:
        load_settings({**REQUIRED, "OTUS_TOKEN": "otus s3cret\n"})
    assert "s3cret" not in str(caught.value)
