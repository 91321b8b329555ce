"""Over which one run of the sync at a time talks to a world: its servers, its inbox, and what it prints.

Two runs at once have a line each. Each is served in its own time, as the clock has it; neither can be taken for the
other, as each asks other ports.
"""

import io
import time

from simulator.clock import Clock
from simulator.gateway import Gateway, Inbox, Request, Server, Sleep, stop_servers, unavailable
from simulator.sut import OUTPUT_TAIL_CHARACTERS, Run

SYSTEMS = ("clever", "otus")
"""What a sync talks to, in the order of their ports."""
DRAIN_REAL_SECONDS_MAX = 2.0
STRAGGLER_REAL_SECONDS = 0.05


class Line:
    """A line; it listens once it is opened.

    Args:
        clock: of the world.
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.output = io.StringIO()
        """What a sync that runs in this process has printed in its present run."""
        self.inbox = Inbox(self.output)
        self.running: Run | None = None
        self.unanswered: Request | Sleep | None = None
        """What the run waits for at this moment."""
        self.urls: dict[str, str] = {}
        self._servers: list[Server] = []

    def open(self, port_base: int | None = None) -> None:
        """Start the HTTP servers.

        Args:
            port_base: of the first, the next one's follows; by default the system chooses.

        Raises:
            PortInUseError: somebody else has such a port.
        """
        for offset, system in enumerate(SYSTEMS):
            port = 0 if port_base is None else port_base + offset
            server = Server(Gateway(system, self.inbox), system, port)
            self._servers.append(server)
            self.urls[system] = server.url

    def close(self) -> None:
        """Stop the run that is going on, and the servers."""
        self.stop()
        self.inbox.close()
        stop_servers(self._servers)
        self._servers.clear()

    def forget_output(self) -> None:
        """Forget what a sync in this process has printed: another run begins."""
        self.output.seek(0)
        self.output.truncate()

    def printed(self) -> str:
        """Give the tail of what a sync in this process has printed in its present run."""
        return self.output.getvalue()[-OUTPUT_TAIL_CHARACTERS:]

    def stop(self) -> None:
        """Stop the run that is going on, if there is one, and turn away whatever it still wants."""
        if self.running is None:
            return
        self.running.stop()
        if self.unanswered is not None:
            self.inbox.put(self.unanswered)
            self.unanswered = None
        self.drain()

    def drain(self) -> None:
        """Turn away whatever a stopped sync still asks, so that none of its threads waits for ever."""
        over = time.monotonic() + DRAIN_REAL_SECONDS_MAX  # a program that escaped its group might ask for ever
        while time.monotonic() < over and (message := self.inbox.get(STRAGGLER_REAL_SECONDS)) is not None:
            if isinstance(message, Request):
                message.reply.put(unavailable("the run has been stopped", self._clock()))
            elif isinstance(message, Sleep):
                message.reply.put(False)
