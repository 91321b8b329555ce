"""Records as bytes: wrapped as they stand in a list, so that a page is only joined."""

from fakes.clever.records import PLURALS, Kind, Version


def uri(version: Version, kind: Kind, clever_id: str) -> str:
    """Write the path of a record."""
    return f"/{version}/{PLURALS[kind]}/{clever_id}"


def fragment(body: bytes, version: Version, kind: Kind, clever_id: str) -> bytes:
    """Wrap an encoded record as it stands in a list."""
    return b'{"data":%b,"uri":"%b"}' % (body, uri(version, kind, clever_id).encode())


def unwrapped(wrapped: bytes, version: Version, kind: Kind, clever_id: str) -> bytes:
    """Take the encoded record out of what :func:`fragment` wrote."""
    return wrapped[len(b'{"data":') : -len(b',"uri":"%b"}' % uri(version, kind, clever_id).encode())]


def event_uri(version: Version, event_id: str) -> str:
    """Write the path of an event."""
    return f"/{version}/events/{event_id}"


def event_fragment(body: bytes, version: Version, event_id: str) -> bytes:
    """Wrap an encoded event as it stands in a list."""
    return b'{"data":%b,"uri":"%b"}' % (body, event_uri(version, event_id).encode())


def unwrapped_event(wrapped: bytes, version: Version, event_id: str) -> bytes:
    """Take the encoded event out of what :func:`event_fragment` wrote."""
    return wrapped[len(b'{"data":') : -len(b',"uri":"%b"}' % event_uri(version, event_id).encode())]
