"""Optimistic locking: a write that was made for one version of a record is refused at another (RFC 9110)."""

import re

from fakes.ats.records import Change, Schedule
from fakes.shared.refusals import Changed

_TAG = re.compile(r'(W/)?"([^"]*)"')


def check_version(tags: str | None, last: Change | Schedule) -> None:
    """Refuse a write for a version that a record is not at any more.

    Args:
        tags: the value of ``If-Match``; without one every version will do.
        last: the last change of the record, or the schedule as it is.

    Raises:
        Changed: somebody has changed it meanwhile; the message says who, when and what.
    """
    if tags is None or tags.strip() == "*":
        return
    version = last.number if isinstance(last, Change) else last.version
    # A weak tag matches no version, as RFC 9110 has If-Match compare strongly; nor does what is no tag at all.
    asked = [tag for weak, tag in _TAG.findall(tags) if not weak]
    if str(version) not in asked:
        raise Changed(
            f'{_in_words(last)}; it is at version "{version}" now, and this write was made for {tags.strip()}. '
            "Read it again, and repeat the write if it is still wanted"
        )


def _in_words(last: Change | Schedule) -> str:
    if isinstance(last, Change):
        return f"{last.by} changed {last.record.key} at {last.at} ({last.action})"
    if last.changed_at is None:
        return f"nobody has touched the schedule of {last.dbn} in {last.term} yet"
    return f"{last.by} changed the schedule of {last.dbn} in {last.term} at {last.changed_at} (now {last.state})"
