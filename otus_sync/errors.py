"""What stops a run, each with a message for the person who must mend it. No message ever holds a token."""


class SyncError(Exception):
    """The run cannot go on."""


class SettingsError(SyncError):
    """A setting is missing or wrong; the message says which, where it came from, and what to give instead."""


class LedgerError(SyncError):
    """The ledger cannot be used: folder not writable, disk full, file no ledger."""


class AnotherRunError(SyncError):
    """Another run is in progress; this one has changed nothing."""


class PausedError(SyncError):
    """Otus has paused its sync (H9); the run has changed nothing, and later ones go on by themselves."""


class StalePlanError(SyncError):
    """What a saved plan was made from is not so any more; nothing was written."""


class ReaderDiedError(SyncError):
    """A process that read for the run is gone; the run has changed nothing."""


class RequestError(SyncError):
    """A system did not give the answer that was asked for.

    Args:
        system: ``Clever`` or ``Otus``.
        request: method and path.
        happened: what came instead.
    """

    def __init__(self, system: str, request: str, happened: str) -> None:
        super().__init__(system, request, happened)  # as they are given, so that it goes from process to process
        self.system = system
        self.request = request
        self.happened = happened

    def __str__(self) -> str:
        return f"{self.system}, {self.request}: {self.happened}"


class UnreachableError(RequestError):
    """No good answer in any of the attempts: cut, slow, broken, limited, or failing on the other side."""


class RefusedError(RequestError):
    """The system understood the request and refused it; asking again would not help.

    Args:
        system: ``Clever`` or ``Otus``.
        request: method and path.
        status: of HTTP.
        reason: in the system's own words.
    """

    def __init__(self, system: str, request: str, status: int, reason: str) -> None:
        super().__init__(system, request, f"refused with {status}: {reason}")
        self.args = (system, request, status, reason)
        self.status = status


class UnauthorizedError(RefusedError):
    """The token is not valid (any more)."""


class UnexpectedAnswerError(RequestError):
    """A whole answer, but not of the shape that the system's documentation promises."""
