"""A copy of Clever can be served and changed without touching the original; a file outlives the process."""

from pathlib import Path

from fakes.clever import Clever, CleverSettings, Store, create_app
from tests.fakes.clever.builders import MIDWOOD, District, district, gone, one_class, school, student


def test_a_copy_answers_the_same_and_lives_its_own_life() -> None:
    with district(*one_class()) as clever:
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        client = create_app(copy).test_client()
        headers = {"Authorization": f"Bearer {clever.token}"}
        uris = [f"/v3.1/{kind}" for kind in ("districts", "users", "sections", "terms")]
        assert [client.get(uri, headers=headers).data for uri in uris] == [clever.ask(uri).data for uri in uris]

        before = clever.ask("/v3.0/users").data
        copy.deliver([gone(student()), student("200000002")])
        copy.share_all_but({"02M475"})
        copy.revoke(clever.token)
        assert clever.ask("/v3.0/users").data == before
        copy.close()


def test_a_copy_makes_the_same_ids_and_tokens_as_the_original_would() -> None:
    with district(*one_class()) as clever:
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        copy.deliver([student("200000002")])
        clever.deliver(student("200000002"))
        assert copy.clever_id("user", "200000002") == clever.id_of("user", "200000002")
        assert copy.issue_token() == clever.clever.issue_token()
        copy.close()


def test_a_copy_goes_on_with_the_rate_limit_and_the_settings() -> None:
    with district(settings=CleverSettings(rate_limit_per_minute=3)) as clever:
        clever.ask("/v3.0/me")
        clever.ask("/v3.0/me")
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        assert copy.admit(clever.token).remaining == 0
        assert clever.clever.admit(clever.token).remaining == 0
        copy.close()


def test_a_copy_keeps_waiting_rows_the_pause_and_what_is_not_shared() -> None:
    with district(school(), school(MIDWOOD, "Midwood")) as clever:
        clever.clever.share_all_but({MIDWOOD})
        clever.clever.pause()
        clever.deliver(student())
        copy = Clever.restored(clever.clever.snapshot(), lambda: clever.now)
        assert copy.paused
        copy.resume()
        assert copy.clever_id("user", "200000001") is not None
        assert clever.clever.clever_id("user", "200000001") is None
        hidden = copy.clever_id("school", MIDWOOD)
        assert hidden is not None
        assert not copy.shares(hidden)
        copy.close()


def test_a_clever_in_a_file_goes_on_where_it_was(tmp_path: Path) -> None:
    path = tmp_path / "clever.db"
    first = District(store=Store(path))
    first.deliver(*one_class())
    before = first.id_of("user", "200000001")
    first.clever.close()
    second = Clever(lambda: first.now, seed=1, store=Store(path))
    assert second.clever_id("user", "200000001") == before
    second.admit(first.token)
    second.deliver([student("200000002")])
    assert (second.clever_id("user", "200000002") or "") > before
    second.close()
