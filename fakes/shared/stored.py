"""Records that go from a store to the wire as they are."""

from typing import TypeVar, cast

import msgspec

Record = TypeVar("Record")


def as_stored(document: bytes, kind: type[Record]) -> Record:  # noqa: ARG001 - says what it stands for
    """Give a record's JSON in the record's place, inside an answer.

    It is encoded as it stands, without being looked at; nothing else can be done with it. A district's records take
    longer to decode and encode again than to send.

    Args:
        document: as the store keeps it, which is as it is on the wire.
        kind: of the record, for whoever reads the code, and for the type checker.
    """
    return cast("Record", msgspec.Raw(document))
