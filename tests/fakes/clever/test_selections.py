"""Every list is read along an index, however large the district."""

import pytest

from fakes.clever.relations import RELATIONS, Relation
from fakes.clever.selections import along, page_statements
from fakes.clever.store import Store


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda relation: f"{relation.kind} {relation.name}")
def test_a_path_begins_at_its_record_and_never_at_the_whole_district(relation: Relation) -> None:
    store = Store()
    statements = page_statements("v3.0", along(relation.path, "an id"))
    values = {"start": "an id", "bit": 1, "after": "", "before": "g", "limit": 1}
    for statement in statements:
        plan = [step[3] for step in store._db.execute(f"EXPLAIN QUERY PLAN {statement}", values)]
        assert not [step for step in plan if step.startswith("SCAN") or step.endswith("(space=?)")], plan
    store.close()
