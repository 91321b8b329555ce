"""Whatever a batch does to e-mails, they are unique after it, and only what must be is refused (A11)."""

from hypothesis import given
from hypothesis import strategies as st

from fakes.otus.account_writes import write_accounts
from fakes.otus.emails import EmailChange, refused_changes
from fakes.otus.records import Account, AccountQuery, AccountWrite
from fakes.otus.store import Store

EMAILS = [f"{name}@x.org" for name in ("a", "B", "c", "D", "e", "f", "A", "b")]  # two pairs differ in case
MOMENT = "2026-09-14T14:00:00.000Z"
PEOPLE = 5

wishes = st.lists(st.tuples(st.sampled_from([*range(1, PEOPLE + 1), None]), st.sampled_from(EMAILS)), max_size=8)


def write_row(row: int, who: int | None, email: str) -> AccountWrite:
    clever_id = f"c{who}" if who else f"new{row}"
    return AccountWrite(clever_id=clever_id, id=who, role="student", email=email, first_name=f"row {row}", last_name="")


def everybody(store: Store) -> dict[int, Account]:
    return store.accounts([account for account, _ in store.account_page(AccountQuery())])


@given(wishes)
def test_any_batch_ends_with_unique_emails_and_every_row_that_is_not_refused_applied(
    wanted: list[tuple[int | None, str]],
) -> None:
    store = Store()
    first = [
        AccountWrite(clever_id=f"c{n}", role="student", email=f"{name}@x.org", first_name="", last_name="")
        for n, name in enumerate("abcde", start=1)
    ]
    write_accounts(store, first, MOMENT)
    before = everybody(store)
    rows = [write_row(row, who, email) for row, (who, email) in enumerate(wanted)]
    results = write_accounts(store, rows, MOMENT).result.results
    after = everybody(store)
    store.close()

    emails = [account.email.casefold() for account in after.values()]
    assert len(set(emails)) == len(emails)
    holders = {account.email.casefold(): account.id for account in after.values()}
    touched = set()
    for row, (who, email), result in zip(rows, wanted, results, strict=True):
        if result.code == "email_taken":
            assert holders[email.casefold()] != who, f"{row} was refused though nobody else has the e-mail"
        elif result.status != "refused":
            touched.add(result.id)
            assert after[result.id or 0].email == email
            assert after[result.id or 0].first_name == row.first_name
    assert {who: kept for who, kept in after.items() if who not in touched} == {
        who: kept for who, kept in before.items() if who not in touched
    }


@given(st.permutations("abcdefgh"))
def test_any_permutation_of_emails_works(order: list[str]) -> None:
    changes = [
        EmailChange(row, old, new) for row, (old, new) in enumerate(zip("abcdefgh", order, strict=True)) if old != new
    ]
    assert refused_changes(changes, set("abcdefgh")) == set()


def test_a_long_chain_of_blocked_rows_is_refused_to_its_end() -> None:
    chain = [EmailChange(row, f"e{row}", f"e{row + 1}") for row in range(10_000)]
    assert refused_changes(chain, {f"e{row}" for row in range(10_001)}) == set(range(10_000))
    assert refused_changes(chain, {f"e{row}" for row in range(10_000)}) == set()
