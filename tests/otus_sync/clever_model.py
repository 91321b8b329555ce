"""A plain model of Clever: what it holds, its events of 30 days, and its wire as far as the sync asks."""

import sqlite3
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal, TypeVar
from urllib.parse import parse_qs, urlsplit

import msgspec

from otus_sync.clever import CleverReader, Memory
from otus_sync.clever_records import School, Section, User
from otus_sync.clock import clock_from, written
from otus_sync.errors import RefusedError
from otus_sync.http import Http
from otus_sync.log import Log
from otus_sync.mirror import TABLES, Mirror
from otus_sync.settings import Settings
from tests.otus_sync.builders import settings as some_settings

Kind = Literal["schools", "users", "sections"]
Answer = TypeVar("Answer")
KEPT = timedelta(days=30)
MOMENT = timedelta(milliseconds=1)
"""Between two deliveries: no two have the same time."""
START = datetime(2026, 9, 14, 5, tzinfo=UTC)


class CleverModel:
    """Records, and the events that their changes make."""

    def __init__(self, district: str = "district") -> None:
        self.district = district
        self.now = START
        self.held: dict[Kind, dict[str, dict[str, Any]]] = {"schools": {}, "users": {}, "sections": {}}
        self.events: list[dict[str, Any]] = []
        self.tells = True
        """Whether events are enabled."""
        self.offers_events = True
        """Whether there is such a path at all."""
        self.overlap = 0
        """So many events before the cursor are delivered again."""
        self.asked: list[str] = []
        self.last_sync = written(START)
        self.meanwhile: Callable[[], None] | None = None
        """Happens once while the sync reads."""
        self.meanwhile_after = 0
        self.happened_after = 0
        """So many answers had been given when it happened."""

    # ------------------------------------------------------------ what happens in the district

    def pass_days(self, days: float) -> None:
        self.now += timedelta(days=days)

    def put(self, *records: School | User | Section) -> None:
        """Deliver records that are new or different."""
        self.now += MOMENT
        self.last_sync = written(self.now)
        for record in records:
            kind = _kind(record)
            document = msgspec.to_builtins(record) | {"last_modified": written(self.now), "subject": "passed over"}
            before = self.held[kind].get(record.id)
            if before is None or _undated(before) != _undated(document):
                self.held[kind][record.id] = document
                self._tell(kind, "created" if before is None else "updated", document)

    def delete(self, kind: Kind, key: str) -> None:
        """Deliver without a record."""
        self.now += MOMENT
        self.last_sync = written(self.now)
        document = self.held[kind].pop(key, None)
        if document is not None:
            self._tell(kind, "deleted", document)

    def repeat(self, place: int, *, also_unlisted: bool = False, also_gone: bool = False) -> None:
        """Deliver an earlier event again, under a new id; only one whose record is still listed, if nothing is said."""
        if self.events:
            event = self.events[place % len(self.events)]
            kind, action = event["type"].split(".")
            held = self.held[kind].get(event["data"]["object"]["id"])
            there = also_gone if held is None else also_unlisted or _is_listed(held)
            if action != "deleted" and there:
                self._tell(kind, "updated", event["data"]["object"])

    def _tell(self, kind: Kind, action: str, document: dict[str, Any]) -> None:
        if self.tells:
            key = f"{int(self.now.timestamp()):08x}{len(self.events):016x}"
            body = {"object": document, "previous_attributes": {}}
            self.events.append({"id": key, "created": written(self.now), "type": f"{kind}.{action}", "data": body})

    def while_read(self, happens: Callable[[], None], after: int) -> None:
        """Let something happen while the sync reads, after so many answers: 0 is the district, 1 the newest event."""
        self.meanwhile, self.meanwhile_after = happens, after

    # ------------------------------------------------------------ the wire

    def answer(self, path: str) -> tuple[int, object]:
        """Answer a GET."""
        self.asked.append(path)
        answered = self._answered(path)
        self._let_happen()
        return answered

    def _let_happen(self) -> None:
        self.meanwhile_after -= 1
        if self.meanwhile is not None and self.meanwhile_after < 0:
            happens, self.meanwhile = self.meanwhile, None
            self.happened_after = len(self.asked)
            happens()

    def _answered(self, path: str) -> tuple[int, object]:
        url = urlsplit(path)
        query = {name: values[-1] for name, values in parse_qs(url.query).items()}
        match url.path.removeprefix("/v3.1/"):
            case "districts":
                return 200, _page(path, [{"id": self.district, "last_sync": self.last_sync, "state": "running"}])
            case "events" if self.offers_events:
                return 200, self._events(path, query)
            case "schools" | "sections" | "users" as kind:
                found = [record for record in self.held[kind].values() if _has_role(record, query.get("role"))]
                return 200, self._listed(path, found, query)
        return 404, {"message": "Cannot GET"}

    def _events(self, path: str, query: Mapping[str, str]) -> object:
        oldest = f"{int((self.now - KEPT).timestamp()):08x}"
        kinds = query["record_type"].split(",")
        kept = [event for event in self.events if event["id"] >= oldest and event["type"].split(".")[0] in kinds]
        if query.get("ending_before") == "last":
            return _page(path, kept[-int(query["limit"]) :])
        seen = sum(event["id"] <= query["starting_after"] for event in kept)
        # Only the first page goes back over what was told already.
        is_first = "starting_after" not in "".join(self.asked[-2:-1])
        first = max(seen - self.overlap, 0) if is_first else seen
        return self._listed(path, kept[first:], {"limit": query["limit"]})

    def _listed(self, path: str, found: list[dict[str, Any]], query: Mapping[str, str]) -> object:
        after, limit = query.get("starting_after", ""), int(query["limit"])
        rest = [record for record in sorted(found, key=lambda record: record["id"]) if record["id"] > after]
        page = rest[:limit]
        following = f"{_without_cursor(path)}&starting_after={page[-1]['id']}" if len(rest) > limit else ""
        return _page(path, page, following)


class ModelHttp(Http):
    """Asks the model without a wire."""

    def __init__(self, model: CleverModel) -> None:
        self._model = model

    def request(self, method: str, path: str, answer: type[Answer], body: msgspec.Struct | None = None) -> Answer:
        status, document = self._model.answer(path)
        if status != 200:
            raise RefusedError("Clever", f"{method} {path}", status, "Cannot GET")
        return msgspec.json.decode(msgspec.json.encode(document), type=answer)


def mirror() -> Mirror:
    """A mirror in memory."""
    database = sqlite3.connect(":memory:", isolation_level=None)
    for statement in TABLES:
        database.execute(statement)
    return Mirror(database, nullcontext)


def reader(
    model: CleverModel,
    kept: Mirror | None = None,
    settings: Settings | None = None,
    doubt: str = "",
    *,
    keeps: bool = True,
) -> CleverReader:
    """A reader of the model, with the mirror of earlier nights if there is one."""
    memory = None if kept is None else Memory(kept, lambda: model.now, 1, doubt, keeps)
    return CleverReader(ModelHttp(model), settings or some_settings(), Log(clock_from(START)), lambda: None, memory)


@contextmanager
def served(answer: Callable[[str], tuple[int, object]]) -> Iterator[str]:
    """Serve GETs on loopback; gives the base URL."""

    class Wire(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1

        def do_GET(self) -> None:
            status, document = answer(self.path)
            content = msgspec.json.encode(document)
            self.send_response_only(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the standard library's name
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Wire)
    server.daemon_threads = True
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.005})
    serving.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        serving.join()
        server.server_close()


def _kind(record: School | User | Section) -> Kind:
    if isinstance(record, User):
        return "users"
    return "schools" if isinstance(record, School) else "sections"


def _undated(document: Mapping[str, Any]) -> dict[str, Any]:
    return {**document, "last_modified": ""}


def _is_listed(document: Mapping[str, Any]) -> bool:
    return "roles" not in document or _has_role(document, "student") or _has_role(document, "teacher")


def _has_role(record: Mapping[str, Any], role: str | None) -> bool:
    return role is None or record["roles"].get(role) is not None


def _without_cursor(path: str) -> str:
    head, *pairs = path.replace("?", "&").split("&")
    kept = [pair for pair in pairs if not pair.startswith("starting_after=")]
    return f"{head}?{'&'.join(kept)}"


def _page(path: str, records: list[dict[str, Any]], following: str = "") -> object:
    links = [{"rel": "self", "uri": path}, *([{"rel": "next", "uri": following}] if following else [])]
    return {"data": [{"data": record, "uri": f"/x/{record['id']}"} for record in records], "links": links}
