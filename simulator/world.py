"""A world: one clock, three fakes behind real HTTP servers, the feed, and the sync under test."""

import itertools
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import msgspec
from flask import Flask

from fakes.ats import Ats
from fakes.ats import Store as AtsStore
from fakes.ats import create_app as create_ats_app
from fakes.ats.records import Record, Section
from fakes.clever import Clever, CleverSettings, SchoolDays, Summer
from fakes.clever import create_app as create_clever_app
from fakes.clever.feed import UserRow
from fakes.clever.rules import Outcome
from fakes.clever.sftp import CsvFolder, export_files
from fakes.otus import Otus, OtusTokens
from fakes.otus import create_app as create_otus_app
from fakes.otus.pause import pause_begins, transition
from fakes.otus.records import RunPage, SettingsEdit, SyncRun
from fakes.shared.moments import read_wire_time
from fakes.shared.refusals import Problem
from simulator.clock import NEW_YORK, Clock, Order, Process, new_york
from simulator.directory import Directory
from simulator.district import CLEVER_PAGE_RECORDS, Inventor, Setup
from simulator.faults import FaultPlan
from simulator.feed import Delivery, Feed, rows_of
from simulator.folders import temporary_folder
from simulator.followed import Find, FollowedAts, FollowedClever, FollowedOtus
from simulator.frozen import frozen_time
from simulator.gateway import Answer, Inbox, Request, call, request_environ, unavailable, with_pages_of
from simulator.guest import hosted, stop_threads
from simulator.inherited import Images
from simulator.journal import Journal
from simulator.line import Line
from simulator.night import SyncRunner, environment_moment
from simulator.nights import nights_after
from simulator.oracle.edits import ByHandEdit
from simulator.oracle.facts import (
    AtClever,
    CleverPaused,
    CleverResumed,
    HoldDiscarded,
    HoldReleased,
    SchoolDeliveredAgain,
    SchoolFound,
    SchoolLost,
    SchoolShared,
    SchoolUnshared,
    StaffListed,
)
from simulator.past import DIIT
from simulator.progress import RUN_RECORDS
from simulator.sut import Run, Sut
from simulator.views import (
    AtsView,
    CleverDistrict,
    CleverTerm,
    CleverView,
    OtusView,
    read_clever,
    read_district,
    read_otus,
    read_terms,
)

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

SystemName = Literal["ats", "clever", "otus"]
SyncSystem = Literal["clever", "otus"]
"""A system that the sync talks to."""
OTUS_PREFIX = "/api/v1"
NOT_FOUND = 404
FEED = "district feed"
SUPPORT = "support"
GUEST_REAL_SECONDS_MAX = 2.0
"""How long a closing world waits for the threads of a sync that it has stopped."""

Wiretap = Callable[[Request, Answer], None]
"""Somebody who overhears what the sync asks and is answered, as it goes over the wire."""

UPLOADED = ("schools.csv", "teachers.csv", "students.csv", "sections.csv", "enrollments.csv")
"""A district's folder, in the order in which its files are uploaded."""

Witness = Callable[[ByHandEdit | AtClever], None]
"""Somebody who is told what people do at Clever and in Otus, when they do it."""


class Copy:
    """A copy of what the sync reads and writes, for a second run whose traces vanish with it."""

    def __init__(self, clever: Clever, otus: Otus, tokens: OtusTokens, page_records: int) -> None:
        self._clever = clever
        self._otus = otus
        self._token = tokens.integration
        self.applications: dict[str, WSGIApplication] = {
            "clever": _clever_app(clever, page_records),
            "otus": _loud(create_otus_app(otus, tokens)),
        }

    def otus_view(self) -> OtusView:
        """Read the copy of Otus."""
        return read_otus(lambda path: _get(self.applications["otus"], OTUS_PREFIX + path, self._token))

    def otus_image(self) -> bytes:
        """Give the copy of Otus, byte for byte."""
        return self._otus.snapshot()

    def clever_view(self) -> CleverView:
        """Read the copy of Clever."""
        return read_clever(self._read_clever)

    def _read_clever(self, path: str) -> bytes:
        """Read a page with a token of its own: a judge meets no rate limit."""
        token = self._clever.issue_token()
        try:
            return _get(self.applications["clever"], path, token)
        finally:
            self._clever.revoke(token)

    def runs(self) -> RunPage:
        """Read the sync runs of the copy of Otus."""
        body = _get(self.applications["otus"], f"{OTUS_PREFIX}/sync-runs", self._token)
        return msgspec.json.decode(body, type=RunPage)

    def deliver(self, record: Record) -> Outcome:
        """Let the copy of Clever take in what the feed brings of a record."""
        return self._clever.deliver(rows_of(record))

    def run_record(self, run_id: int) -> SyncRun:
        """Read what a run has told the copy of Otus of itself."""
        body = _get(self.applications["otus"], f"{RUN_RECORDS}/{run_id}", self._token)
        return msgspec.json.decode(body, type=SyncRun)

    def close(self) -> None:
        """Give the copies back."""
        self._clever.close()
        self._otus.close()


class World:
    """Everything that a story happens in; use it as a context manager, it owns servers and a folder.

    Args:
        setup: how it works.
        sut: the sync under test.
        images: what its systems hold already; by default nothing.
    """

    def __init__(self, setup: Setup, sut: Sut, images: Images | None = None) -> None:
        self.setup = setup
        self.sut = sut
        self.is_inherited = images is not None
        """Whether its past was written elsewhere, and nobody here was told of it."""
        self.clock = Clock(setup.start)
        self.journal = Journal(self.clock)
        self.directory = Directory()
        self.inventor = Inventor(setup.seed, setup.start.date())
        self.line = Line(self.clock)
        """Of the nightly sync, and of every run that has the world to itself."""
        self._second_line: Line | None = None
        self.runner = SyncRunner(self)
        self.faults = FaultPlan(setup.seed, setup.fault_rates, setup.fault_nights)
        self.down: set[str] = set()
        """Systems that answer 503 to everybody."""
        self._unshared_schools: frozenset[str] = frozenset()
        self.witnesses: list[Witness] = []
        self.wiretaps: list[Wiretap] = []
        self.nights = 0
        """How many nights have been so far."""
        self._open_systems(images)
        self._open()

    def _open_systems(self, images: Images | None) -> None:
        setup = self.setup
        settings = CleverSettings(
            rate_limit_per_minute=setup.rate_limit_per_minute,
            quirks=setup.clever_quirks,
            quirk_percent=setup.clever_quirk_percent,
            hold=setup.clever_hold,
            identity_days=setup.clever_identity_days,
        )
        if images is None:
            self.ats = Ats(self.clock)
            self.clever = Clever(self.clock, seed=setup.seed, settings=settings)
            self.otus = Otus(self.clock)
        else:
            self.ats = Ats(self.clock, AtsStore.restored(images.ats))
            self.clever = Clever.restored(images.clever, self.clock, settings)
            self.otus = Otus.restored(images.otus, self.clock)
        if setup.clever_events:
            self.clever.enable_events()

    def _open(self) -> None:
        setup = self.setup
        self.feed = Feed(self.clock, self.ats, self.clever, setup.lag, setup.seed, self._tell_delivery)
        self.sync_clever_token = self.clever.issue_token()
        self._diit_token = f"diit-{setup.seed}"
        self._otus_tokens = OtusTokens(integration=f"integration-{setup.seed}", support=f"support-{setup.seed}")
        self.sync_otus_token = self._otus_tokens.integration
        self._tokens_of_otus = 0
        self.locked_out: set[SyncSystem] = set()
        """Systems whose token the sync has lost, and nobody has given it another."""
        self.applications: dict[str, WSGIApplication] = {
            "ats": _loud(create_ats_app(self.ats, {self._diit_token: DIIT})),
            "clever": _clever_app(self.clever, setup.clever_page_records),
            "otus": _loud(create_otus_app(self.otus, self._otus_tokens)),
        }
        self._followed_ats = FollowedAts(self.read_ats)
        self._followed_otus = FollowedOtus(self._read_otus, self.otus.touched())
        self._followed_clever = FollowedClever(self._reading_clever, self.clever.touched())
        self._stack = ExitStack()
        for close in (self.ats.store.close, self.clever.close, self.otus.close):
            self._stack.callback(close)

    def __enter__(self) -> "World":
        """Start the HTTP servers and make the sync's folder."""
        with ExitStack() as opened:
            opened.enter_context(self._stack.pop_all())
            if self.sut.in_process:
                opened.callback(stop_threads, frozenset(threading.enumerate()), None, GUEST_REAL_SECONDS_MAX)
            self.state_folder = opened.enter_context(temporary_folder()) / "state"
            self.state_folder.mkdir()
            opened.callback(self._close_lines)
            self.line.open(self.setup.port_base)
            self._stack = opened.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop everything."""
        self.close()

    def close(self) -> None:
        """Stop everything, whatever fails on the way: the sync if it runs, the servers if there are any, the stores."""
        self._stack.close()

    def _close_lines(self) -> None:
        for line in (self.line, self._second_line):
            if line is not None:
                line.close()

    @property
    def inbox(self) -> Inbox:
        """Where the nightly sync leaves its messages."""
        return self.line.inbox

    @property
    def running(self) -> Run | None:
        """The nightly sync that is running, if it is."""
        return self.line.running

    def play(self, story: Process) -> None:
        """Let time run until the story is over, with the nightly sync in its place."""
        with ExitStack() as stack:
            if self.sut.in_process:
                stack.enter_context(frozen_time(self.clock))
                stack.enter_context(hosted(self.line.inbox, self.line.output))
            course = self.clock.start_process(story)
            self.clock.run_until(lambda: course.processed)

    # ------------------------------------------------------------ asking the systems

    def ats_api(self, method: str, path: str, body: msgspec.Struct | None = None) -> Answer:
        """Ask ATS/STARS as the DIIT office, in process; what it changes is set on its way to Clever."""
        return self._ask("ats", method, path, {"Authorization": f"Bearer {self._diit_token}"}, body)

    def otus_api(
        self, method: str, path: str, body: msgspec.Struct | None = None, on_behalf_of: int | None = None
    ) -> Answer:
        """Ask Otus as Support, or as somebody with an account, in process.

        Args:
            method: of the request.
            path: below the API's prefix.
            body: to send, if any.
            on_behalf_of: the account whose rights apply; Support's own if there is none.
        """
        headers = {"Authorization": f"Bearer {self._otus_tokens.support}"}
        if on_behalf_of is not None:
            headers["X-On-Behalf-Of"] = str(on_behalf_of)
        answer = self._ask("otus", method, OTUS_PREFIX + path, headers, body)
        if method != "GET" and answer.code < 300:
            self._tell(ByHandEdit(self.clock(), method, path, body, on_behalf_of, answer.body))
        return answer

    def integration_api(self, method: str, path: str, body: msgspec.Struct | None = None) -> Answer:
        """Ask Otus with the integration's token, in process."""
        headers = {"Authorization": f"Bearer {self._otus_tokens.integration}"}
        return self._ask("otus", method, OTUS_PREFIX + path, headers, body)

    def _ask(
        self, system: SystemName, method: str, path: str, headers: dict[str, str], body: msgspec.Struct | None
    ) -> Answer:
        if system in self.down:
            return unavailable(f"{system} is down", self.clock())
        encoded = b"" if body is None else msgspec.json.encode(body)
        return call(self.applications[system], request_environ(method, path, headers, encoded))

    def share(self, dbn: str) -> None:
        """Let Clever share a school with Otus (H11)."""
        self._tell(SchoolShared(at=self.clock(), dbn=dbn))
        self._set_unshared(self._unshared_schools - {dbn})

    def stop_sharing(self, dbn: str) -> None:
        """Let Clever no longer share a school with Otus (H11)."""
        self._tell(SchoolUnshared(at=self.clock(), dbn=dbn))
        self._set_unshared(self._unshared_schools | {dbn})

    def shares_school(self, dbn: str) -> bool:
        """Tell whether Clever shares a school with Otus (H11)."""
        return dbn not in self._unshared_schools

    def why_waiting(self) -> str:
        """Say why Clever takes nothing in now."""
        held = self.clever.held
        return held.reason if held is not None else "the district is paused"

    def pause_clever(self) -> None:
        """Let Clever pause the district: what the feed delivers waits."""
        self._tell(CleverPaused(at=self.clock()))
        self.clever.pause()

    def resume_clever(self) -> None:
        """Let Clever take in what has waited."""
        self._tell(CleverResumed(at=self.clock()))
        self.clever.resume()
        self._remember_sections()

    def release_hold(self) -> None:
        """Let the district approve what Clever holds.

        Raises:
            fakes.clever.hold.NothingHeld: it holds nothing.
        """
        self.clever.release()
        self._remember_sections()
        self._tell(HoldReleased(at=self.clock()))

    def discard_hold(self) -> None:
        """Let the district throw away what Clever holds.

        Raises:
            fakes.clever.hold.NothingHeld: it holds nothing.
        """
        self.clever.discard()
        self._remember_sections()
        self._tell(HoldDiscarded(at=self.clock()))

    def lose_school(self, dbn: str) -> Outcome:
        """Let the feed deliver a school as if it were empty, until it is found again; say what became of it."""
        self._tell(SchoolLost(at=self.clock(), dbn=dbn))
        return self.feed.lose(dbn)

    def find_school(self, dbn: str) -> Outcome:
        """Let the feed deliver a lost school whole again; say what became of it in Clever."""
        self._tell(SchoolFound(at=self.clock(), dbn=dbn))
        outcome = self.feed.find(dbn)
        self._remember_sections()
        return outcome

    def list_staff(self, row: UserRow) -> Outcome:
        """Let the district list somebody as staff, past ATS; say what became of it in Clever."""
        self._tell(StaffListed(at=self.clock(), staff_id=row.sis_id, schools=tuple(row.schools)))
        return self.clever.deliver([row])

    def upload_half(self, file: str) -> None:
        """Let the district upload its folder of CSV files to Clever, and let the upload die in the middle of one.

        The files before it arrive whole, those after it never. Clever looks at the folder five minutes after the last
        sign of the upload; the journal tells what it makes of it.

        Args:
            file: in which it dies, one of :data:`UPLOADED`.

        Raises:
            NoColumn: the district has something that no file of the format can say.
        """
        files, folder = export_files(self.clever), CsvFolder(self.clever)
        for name in UPLOADED[: UPLOADED.index(file)]:
            folder.upload(name, files[name])
        folder.upload(file, files[file][: len(files[file]) // 2])
        self.clock.start_process(self._process(folder))

    def _process(self, folder: CsvFolder) -> Process:
        due = folder.due()
        if due is None:  # paused or on hold: Clever looks at no folder
            self.journal.record("clever", "fault", "Clever", f"leaves the folder alone: {self.why_waiting()}")
            return
        yield self.clock.at(due, Order.DELIVERY)
        report = folder.process(self.clock())
        what = f"processes the folder: {report.outcome}"
        facts = {"reason": report.reason} if report.reason else {}
        self.journal.record("clever", "fault", "Clever", what, facts=facts)

    def deliver_again(self, dbn: str) -> Outcome:
        """Let the feed deliver a school a second time; say what became of it in Clever."""
        self._tell(SchoolDeliveredAgain(at=self.clock(), dbn=dbn))
        outcome = self.feed.deliver_again(dbn)
        self._remember_sections()
        return outcome

    def _tell(self, deed: ByHandEdit | AtClever) -> None:
        for witness in self.witnesses:
            witness(deed)

    def _set_unshared(self, schools: frozenset[str]) -> None:
        self._unshared_schools = schools
        self.clever.share_all_but(schools)

    def keep_summer(self, days: SchoolDays) -> None:
        """Let Clever pause the district for a summer, and resume it, on the days that its calendar gives."""
        self.clock.start_process(self._summer(Summer(self.clever, days)))

    def _summer(self, summer: Summer) -> Process:
        while (due := summer.due()) is not None:
            yield self.clock.at(max(due, self.clock()), Order.EDIT)
            summer.process(self.clock())
            self._remember_sections()
            now = self.clock()
            self._tell(CleverPaused(at=now) if self.clever.paused else CleverResumed(at=now))
            what = "pauses the district for the summer" if self.clever.paused else "resumes the district"
            self.journal.record("clever", "edit", "Clever", what)

    @property
    def otus_takes_nothing(self) -> bool:
        """Whether Otus has paused its sync (H9)."""
        return self.otus.settings().sync_paused

    def keep_rollover(self, last_day: date) -> None:
        """Let Otus pause its sync around the end of a school year, and let it go on, as it does by itself (H9).

        Args:
            last_day: of school.
        """
        days = {pause_begins(last_day): True, transition(last_day): False}
        turns = [(datetime.combine(day, time(), NEW_YORK).astimezone(UTC), paused) for day, paused in days.items()]
        for moment, paused in turns:
            self.clock.start_process(self._turn_sync(moment, paused=paused))

    def _turn_sync(self, moment: datetime, *, paused: bool) -> Process:
        yield self.clock.at(max(moment, self.clock()), Order.EDIT)
        self.otus_api("PATCH", "/settings", SettingsEdit(sync_paused=paused))
        what = "pauses its sync for the year rollover" if paused else "makes the transition: its sync goes on"
        self.journal.record("otus", "edit", "Otus", what)

    def tokens(self, system: SystemName) -> dict[str, str]:
        """Give the tokens that a system takes, by the names of the variables that carry them."""
        match system:
            case "ats":
                return {"ATS_TOKEN": self._diit_token}
            case "clever":
                return {"CLEVER_TOKEN": self.sync_clever_token}
            case "otus":
                return {
                    "OTUS_TOKEN": self._otus_tokens.integration,
                    "OTUS_SUPPORT_TOKEN": self._otus_tokens.support,
                }

    def message_of(self, answer: Answer) -> str:
        """Give the message of a refusal."""
        try:
            return msgspec.json.decode(answer.body, type=Problem).message
        except msgspec.DecodeError:
            return answer.status

    def answer(self, request: Request) -> Answer:
        """Answer a request of the sync, on the simulation thread."""
        if request.system in self.down:
            return unavailable(f"{request.system} is down", self.clock())
        return call(self.applications[request.system], request.environ)

    def overhear(self, request: Request, answer: Answer) -> None:
        """Let those who listen hear a request of the sync with its answer."""
        for wiretap in self.wiretaps:
            wiretap(request, answer)

    def revoke_token(self, system: SyncSystem) -> None:
        """Make the sync's token worthless; the sync goes on being told it."""
        self.locked_out.add(system)
        self.runner.disturb()
        if system == "clever":
            self.clever.revoke(self.sync_clever_token)
            return
        self._tokens_of_otus += 1
        integration = f"integration-{self.setup.seed}-{self._tokens_of_otus}"
        self._otus_tokens = OtusTokens(integration=integration, support=self._otus_tokens.support)
        self.applications["otus"] = _loud(create_otus_app(self.otus, self._otus_tokens))

    def rotate_token(self, system: SyncSystem) -> None:
        """Make the sync's token worthless, and tell its next run another one."""
        self.revoke_token(system)
        if system == "clever":
            self.sync_clever_token = self.clever.issue_token()
        else:
            self.sync_otus_token = self._otus_tokens.integration
        self.locked_out.discard(system)

    # ------------------------------------------------------------ what the judges see

    def otus_view(self) -> OtusView:
        """Give all that Otus holds; the same object as before if there is nothing else to be seen."""
        return self._followed_otus()

    def ats_view(self) -> AtsView:
        """Give all that ATS/STARS holds but its history; the same object as before if there is nothing new."""
        return self._followed_ats()

    def clever_view(self) -> CleverView:
        """Give all that Clever shares; the same object as before if there is nothing else to be seen."""
        return self._followed_clever()

    def _read_otus(self, path: str) -> bytes:
        return _get(self.applications["otus"], OTUS_PREFIX + path, self._otus_tokens.integration)

    def clever_district(self) -> CleverDistrict:
        """Read how the district's syncs go, as Clever tells it."""
        return read_district(self._read_clever)

    def clever_terms(self) -> list[CleverTerm]:
        """Read the terms that Clever shares."""
        return read_terms(self._read_clever)

    def read_ats(self, path: str) -> bytes:
        """Read a path of ATS/STARS as the DIIT office, also while it is down for everybody else: a judge must see."""
        return _get(self.applications["ats"], path, self._diit_token)

    def integration_reads(self, path: str) -> bytes:
        """Read a path of Otus, below the API's prefix, with the integration's token, also while it is down."""
        return _get(self.applications["otus"], OTUS_PREFIX + path, self._otus_tokens.integration)

    def _read_clever(self, path: str) -> bytes:
        """Read a page with a token of its own: a judge meets no rate limit."""
        token = self.clever.issue_token()
        try:
            return _get(self.applications["clever"], path, token)
        finally:
            self.clever.revoke(token)

    @contextmanager
    def _reading_clever(self) -> Iterator[Find]:
        """Read some pages with tokens of their own, so many that a judge meets no rate limit."""
        tokens: list[str] = []
        asked = itertools.count()

        def find(path: str) -> bytes | None:
            if next(asked) % self.setup.rate_limit_per_minute == 0:
                tokens.append(self.clever.issue_token())
            return _find(self.applications["clever"], path, tokens[-1])

        try:
            yield find
        finally:
            for token in tokens:
                self.clever.revoke(token)

    def runs(self) -> RunPage:
        """Read the sync runs that Otus knows."""
        return msgspec.json.decode(self._read_otus("/sync-runs"), type=RunPage)

    def run_record(self, run_id: int) -> SyncRun:
        """Read what a run has told Otus of itself."""
        return msgspec.json.decode(self._read_otus(f"/sync-runs/{run_id}"), type=SyncRun)

    @contextmanager
    def copied(self) -> Iterator[Copy]:
        """Give a copy of Clever and Otus as they are now, at this world's moment."""
        copy = Copy(
            Clever.restored(self.clever.snapshot(), self.clock),
            Otus.restored(self.otus.snapshot(), self.clock),
            self._otus_tokens,
            self.setup.clever_page_records,
        )
        try:
            yield copy
        finally:
            copy.close()

    # ------------------------------------------------------------ nights and the sync

    def nightly(self, run: Callable[[int], Process]) -> Process:
        """Let every night come, for ever, as a course of events.

        Args:
            run: the course of a night, given its number: usually :meth:`SyncRunner.run` with judges around it.
        """
        for moment in nights_after(self.clock(), self.setup.nightly_at):
            yield self.clock.at(max(moment, self.clock()), Order.SYNC)
            self.nights += 1
            yield from run(self.nights)

    def second_line(self) -> Line:
        """Give the line of a run that goes on at the same time as another one."""
        if self._second_line is None:
            self._second_line = Line(self.clock)
            self._second_line.open()
        return self._second_line

    def sync_environment(self, folder: Path, line: Line | None = None) -> dict[str, str]:
        """Tell the sync its world; see :data:`simulator.sut.VARIABLES`.

        Args:
            folder: of its ledger.
            line: over which it talks; by default the one of the nightly sync.
        """
        setup, urls = self.setup, (line or self.line).urls
        return {
            "CLEVER_URL": urls["clever"],
            "CLEVER_TOKEN": self.sync_clever_token,
            "OTUS_URL": urls["otus"],
            "OTUS_TOKEN": self.sync_otus_token,
            "SYNC_NOW": environment_moment(self.clock()),
            "SYNC_STATE_DIR": str(folder),
            "SYNC_BY_HAND_CO_TEACHERS": setup.by_hand_co_teachers,
            "SYNC_OVERWRITE_CLASS_NAMES": str(setup.overwrite_class_names).lower(),
            "SYNC_GUARD_PERCENT": str(setup.guard_percent),
            "SYNC_GUARD_MINIMUM": str(setup.guard_minimum),
        }

    def remember_section(self, record: Record) -> None:
        """Remember under which id Clever has a section, for the time when it is gone."""
        clever_id = self.clever.clever_id("section", record.key) if isinstance(record, Section) else None
        if clever_id is not None:
            self.directory.remember_section(record.key, clever_id)

    def _remember_sections(self) -> None:
        """Remember under which ids Clever has sections, when it has taken in many at once."""
        for section_id in self.directory.sections.values():
            clever_id = self.clever.clever_id("section", section_id)
            if clever_id is not None:
                self.directory.remember_section(section_id, clever_id)

    def _tell_delivery(self, delivery: Delivery, outcome: Outcome) -> None:
        self.remember_section(delivery.change.record)
        what, about = self.directory.in_words(delivery.change)
        changed = read_wire_time(delivery.change.at)
        facts = {"changed": new_york(changed)}
        if outcome != "applied":
            facts["waits"] = self.why_waiting()
        self.journal.record("clever", "delivery", FEED, what, about=about, since=changed, facts=facts)


def _clever_app(clever: Clever, page_records: int) -> "WSGIApplication":
    application = _loud(create_clever_app(clever))
    return application if page_records == CLEVER_PAGE_RECORDS else with_pages_of(application, page_records)


def _loud(application: Flask) -> Flask:
    """Let a fake's own defects come out: answered with a 500, they would look like a failure of the sync."""
    application.config["PROPAGATE_EXCEPTIONS"] = True
    return application


def _get(application: "WSGIApplication", path: str, token: str) -> bytes:
    body = _find(application, path, token)
    if body is None:
        raise RuntimeError(f"GET {path}: there is nothing")
    return body


def _find(application: "WSGIApplication", path: str, token: str) -> bytes | None:
    """Read a path; ``None`` if there is nothing."""
    answer = call(application, request_environ("GET", path, {"Authorization": f"Bearer {token}"}))
    if answer.code == NOT_FOUND:
        return None
    if answer.code != 200:
        raise RuntimeError(f"GET {path}: {answer.status} {answer.body[:200]!r}")
    return answer.body
