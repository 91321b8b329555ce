"""Pages: ascending ids, two cursors, and links that lead on."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.clever import Removal, UserRow
from tests.fakes.clever.builders import District, district, one_class, staff, student, teacher


def crowd(size: int) -> list[UserRow]:
    makers = (student, teacher, staff)
    return [makers[n % 3](f"{900000000 + n}") for n in range(size)]


def links(answer: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {link["rel"]: link["uri"] for link in answer["links"]}


def test_a_page_without_a_limit_has_100_records() -> None:
    with district(*crowd(101)) as clever:
        first = clever.get("/v3.0/users")
        assert len(first["data"]) == 100
        assert links(first) == {
            "self": "/v3.0/users",
            "next": f"/v3.0/users?starting_after={first['data'][-1]['data']['id']}",
        }


def test_the_last_full_page_has_no_next() -> None:
    with district(*crowd(4)) as clever:
        assert list(links(clever.get("/v3.0/users?limit=4"))) == ["self"]
        second = clever.get(links(clever.get("/v3.0/users?limit=2"))["next"])
        assert sorted(links(second)) == ["prev", "self"]


def test_links_keep_what_was_asked_and_put_the_cursor_last() -> None:
    with district(*crowd(9)) as clever:
        first, second = clever.ids("/v3.0/users?role=student&limit=2")
        assert links(clever.get("/v3.0/Users?limit=1&role=student"))["next"] == (
            f"/v3.0/Users?limit=1&role=student&starting_after={first}"
        )
        page = links(clever.get(f"/v3.0/users?starting_after={first}&limit=1&role=student"))
        assert page == {
            "self": f"/v3.0/users?starting_after={first}&limit=1&role=student",
            "prev": f"/v3.0/users?limit=1&role=student&ending_before={second}",
            "next": f"/v3.0/users?limit=1&role=student&starting_after={second}",
        }


def test_self_is_verbatim_to_case_and_escapes() -> None:
    with district() as clever:
        for uri in ("/v3.0/Users?role=%73tudent&&limit=5", "/V3.1/SECTIONS", "/v3.0/terms?count="):
            assert links(clever.get(uri))["self"] == uri


@pytest.mark.parametrize(
    ("environ", "told"),
    [
        ({"REQUEST_URI": "/v3.0/users?"}, "/v3.0/users?"),
        ({"REQUEST_URI": "", "RAW_URI": "/v3.0/users?&"}, "/v3.0/users?&"),
        ({"REQUEST_URI": "", "RAW_URI": ""}, "/v3.0/Users?limit=3"),
        ({"REQUEST_URI": "http://api.example/v3.0/users", "RAW_URI": ""}, "/v3.0/Users?limit=3"),
    ],
)
def test_self_is_what_the_server_read_or_else_path_and_query(environ: dict[str, str], told: str) -> None:
    with district() as clever:
        headers = {"Authorization": f"Bearer {clever.token}"}
        answer = clever.client.get("/v3.0/Users?limit=3", headers=headers, environ_overrides=environ)
        assert links(answer.get_json())["self"] == told


def test_there_is_no_prev_when_paging_backward() -> None:
    with district(*crowd(5)) as clever:
        ids = clever.ids("/v3.0/users")
        page = clever.get(f"/v3.0/users?limit=2&ending_before={ids[3]}")
        assert [item["data"]["id"] for item in page["data"]] == ids[1:3]
        assert links(page) == {
            "self": f"/v3.0/users?limit=2&ending_before={ids[3]}",
            "next": f"/v3.0/users?limit=2&starting_after={ids[2]}",
        }


def test_ending_before_last_gives_the_newest() -> None:
    with district(*crowd(5)) as clever:
        page = clever.get("/v3.0/users?ending_before=last&limit=1")
        assert [item["data"]["id"] for item in page["data"]] == clever.ids("/v3.0/users")[-1:]
        assert list(links(page)) == ["self"]


def test_an_unknown_cursor_goes_on_at_the_next_larger_id() -> None:
    with district(*crowd(5)) as clever:
        ids = clever.ids("/v3.0/users")
        between = ids[2][:-1] + chr(ord(ids[2][-1]) - 1) + "f"
        assert clever.ids(f"/v3.0/users?starting_after={between}") == ids[2:]
        assert clever.ids("/v3.0/users?starting_after=0") == ids
        assert clever.ids("/v3.0/users?starting_after=ffffffffffffffffffffffff") == []
        assert clever.ids(f"/v3.0/users?starting_after={ids[1].upper()}") == ids[2:]


def test_an_empty_page_links_to_itself_only() -> None:
    with district(*crowd(2)) as clever:
        ids = clever.ids("/v3.0/users")
        assert list(links(clever.get(f"/v3.0/users?starting_after={ids[-1]}"))) == ["self"]
        assert list(links(clever.get(f"/v3.0/users?ending_before={ids[0]}"))) == ["self"]


@pytest.mark.parametrize("limit", ["0", "-1", "many", "", "1.5", "1e3"])
def test_a_limit_that_is_no_positive_number_is_refused(limit: str) -> None:
    with district() as clever:
        answer = clever.ask(f"/v3.0/users?limit={limit}")
        assert answer.status_code == 400
        assert list(answer.get_json()) == ["message"]


@pytest.mark.parametrize("limit", ["10001", "99999999999999999999999"])
def test_a_limit_over_10000_is_too_large(limit: str) -> None:
    with district() as clever:
        answer = clever.ask(f"/v3.0/users?limit={limit}")
        assert answer.status_code == 413
        assert list(answer.get_json()) == ["message"]
        assert clever.ask("/v3.0/users?limit=10000").status_code == 200


def test_two_cursors_at_once_are_refused() -> None:
    with district() as clever:
        assert clever.ask("/v3.0/users?starting_after=1&ending_before=2").status_code == 400


def test_count_true_answers_a_number_only() -> None:
    with district(*one_class(), *crowd(4)) as clever:
        assert clever.get("/v3.0/users?count=true") == {"count": 6}
        assert clever.get("/v3.1/users?count=true&role=student") == {"count": 3}
        for kind in ("districts", "schools", "sections", "courses", "terms"):
            assert clever.get(f"/v3.0/{kind}?count=true") == {"count": 1}


def test_roles_stand_interleaved_as_they_came() -> None:
    with district() as clever:
        for row in crowd(6):
            clever.deliver(row)
        roles = [next(iter(item["data"]["roles"])) for item in clever.get("/v3.0/users")["data"]]
        assert roles == ["student", "teacher", "staff"] * 2


def test_a_record_that_vanishes_while_one_reads_does_not_disturb_the_rest() -> None:
    with district(*crowd(6)) as clever:
        ids = clever.ids("/v3.0/users")
        page = clever.get("/v3.0/users?limit=2")
        cursor = page["data"][-1]["data"]["id"]
        clever.deliver(Removal("user", clever.clever.sis_of(cursor) or ""))
        assert clever.ids(links(page)["next"]) == ids[2:4]


def _forward(clever: District, limit: int) -> list[list[str]]:
    pages, uri = [], f"/v3.0/users?limit={limit}"
    while uri:
        page = clever.get(uri)
        pages.append([item["data"]["id"] for item in page["data"]])
        uri = links(page).get("next", "")
    return pages


def _backward(clever: District, limit: int) -> list[list[str]]:
    pages: list[list[str]] = []
    cursor = "last"
    while page := clever.ids(f"/v3.0/users?limit={limit}&ending_before={cursor}"):
        pages.append(page)
        cursor = page[0]
    return pages


def _cut(ids: Sequence[str], limit: int) -> list[list[str]]:
    return [list(ids[at : at + limit]) for at in range(0, len(ids), limit)]


@given(size=st.integers(0, 25), limit=st.integers(1, 30))
@settings(max_examples=25, deadline=None)
def test_pages_both_ways_are_the_cuts_of_one_list(size: int, limit: int) -> None:
    with district(*crowd(size)) as clever:
        ids = sorted(clever.id_of("user", row.sis_id) for row in crowd(size))
        assert _forward(clever, limit) == (_cut(ids, limit) or [[]])
        assert _backward(clever, limit) == [page[::-1] for page in _cut(ids[::-1], limit)]


@given(size=st.integers(1, 12), limit=st.integers(1, 14), cursor=st.text("0123456789abcdef", min_size=1, max_size=26))
@settings(max_examples=30, deadline=None)
def test_any_cursor_is_a_place_in_the_list(size: int, limit: int, cursor: str) -> None:
    with district(*crowd(size)) as clever:
        ids = sorted(clever.id_of("user", row.sis_id) for row in crowd(size))
        for place in (cursor, ids[size // 2], ids[size // 2] + cursor[0]):
            after = [one for one in ids if one > place]
            before = [one for one in ids if one < place]
            assert clever.ids(f"/v3.0/users?limit={limit}&starting_after={place}") == after[:limit]
            assert clever.ids(f"/v3.0/users?limit={limit}&ending_before={place}") == before[-limit:]
