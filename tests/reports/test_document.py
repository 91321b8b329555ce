import json
from pathlib import Path

import jsonschema
import msgspec
import pytest

from reports.document import SCHEMA_VERSION, document_of, json_schema, read_json, write_json
from simulator.results import SuiteResult
from tests.reports.builders import finding, many_nights, story, suite, wiped


def mixed() -> SuiteResult:
    return suite(story(many_nights(30)), story(wiped(), status="failed", path="b", findings=(finding(wiped()),)))


def test_the_document_fits_its_own_schema(tmp_path: Path) -> None:
    schema = json.loads(json_schema())
    jsonschema.Draft202012Validator.check_schema(schema)
    jsonschema.validate(json.loads(write_json(mixed(), tmp_path / "results.json").read_bytes()), schema)


def test_the_schema_refuses_another_status() -> None:
    document = json.loads(msgspec.json.encode(document_of(mixed())))
    document["stories"][0]["status"] = "skipped"
    with pytest.raises(jsonschema.ValidationError, match="skipped"):
        jsonschema.validate(document, json.loads(json_schema()))


def test_nothing_of_a_run_is_lost_on_the_way(tmp_path: Path) -> None:
    read = read_json(write_json(mixed(), tmp_path / "results.json").read_bytes())
    assert read == document_of(mixed())
    assert read.stories == mixed().stories


def test_the_document_has_a_version_a_verdict_and_counts() -> None:
    document = document_of(mixed())
    assert document.schema_version == SCHEMA_VERSION
    assert document.exit_code == 1
    assert document.counts == {"passed": 1, "failed": 1, "unusable": 0, "broken": 0}


def test_the_same_results_give_the_same_bytes(tmp_path: Path) -> None:
    first, second = (write_json(mixed(), tmp_path / name).read_bytes() for name in ("a.json", "b.json"))
    assert first == second
