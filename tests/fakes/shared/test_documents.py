"""The OpenAPI documents of the three fakes, as files and as a linter reads them."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from openapi_spec_validator import validate

from rostersim.cli import cli
from tests.fakes.shared.worlds import SYSTEMS, served


def document_of(name: str) -> dict[str, Any]:
    with served(name) as system:
        document: dict[str, Any] = system.application.test_client().get("/openapi.json").get_json()
    return document


def operations(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [operation for methods in document["paths"].values() for operation in methods.values()]


def test_the_documents_are_written_as_they_are_served(tmp_path: Path) -> None:
    folder = tmp_path / "docs" / "openapi"
    result = CliRunner().invoke(cli, ["openapi", str(folder)])
    assert result.exit_code == 0, result.output
    assert sorted(path.stem for path in folder.iterdir()) == sorted([*SYSTEMS, "control"])
    for name in SYSTEMS:
        assert json.loads((folder / f"{name}.json").read_text()) == document_of(name)


def test_a_folder_that_cannot_be_written_is_a_wrong_input(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    result = CliRunner().invoke(cli, ["openapi", str(tmp_path / "file" / "below")])
    assert result.exit_code == 2
    assert "Traceback" not in result.output


@pytest.mark.parametrize("name", SYSTEMS)
def test_a_linter_has_nothing_to_complain_about(name: str) -> None:
    document = document_of(name)
    validate(document)
    names = [operation["operationId"] for operation in operations(document)]
    assert len(set(names)) == len(names)
    assert all(tag["description"] for tag in document["tags"])
    declared = {tag["name"] for tag in document["tags"]}
    for operation in operations(document):
        assert operation["summary"].endswith(".")
        assert operation["tags"]
        assert set(operation["tags"]) <= declared
        assert {"400", "401"} <= set(operation["responses"])
        for response in operation["responses"].values():
            assert response["description"]
            assert "Date" in response["headers"]
        assert ("413" in operation["responses"]) or "requestBody" not in operation


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_reference_leads_somewhere_and_every_component_is_referred_to(name: str) -> None:
    document = document_of(name)
    text = json.dumps(document)
    referred = set(re.findall(r'"#/components/(\w+)/([^"]+)"', text))
    there = {(kind, key) for kind in ("schemas", "headers") for key in document["components"][kind]}
    assert referred == there


@pytest.mark.parametrize("name", SYSTEMS)
def test_no_description_shows_a_docstrings_markup(name: str) -> None:
    text = json.dumps(document_of(name))
    assert "``" not in text
    assert not re.search(r":(class|func|meth|data|mod):", text)


@pytest.mark.parametrize("name", SYSTEMS)
def test_every_fake_has_a_page_for_people_that_needs_no_token(name: str) -> None:
    with served(name) as system:
        client = system.application.test_client()
        page = client.get("/docs").text
        for operation in operations(client.get("/openapi.json").get_json()):
            assert f'id="{operation["operationId"]}"' in page
    assert "<script" not in page
    assert "<link" not in page
