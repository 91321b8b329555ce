"""Requests for the tests of faults."""

import queue

from simulator.gateway import Request, request_environ


def asked(system: str, method: str, path: str, query: str = "") -> Request:
    """A request as the gateway hands it on."""
    target = f"{path}?{query}" if query else path
    return Request(system, request_environ(method, target, {}), queue.SimpleQueue())
