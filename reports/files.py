"""Writing a report whole or not at all."""

import os
from contextlib import suppress
from pathlib import Path

from reports.errors import ReportError


def write_whole(path: Path, content: bytes) -> Path:
    """Write a file under its name only once it is complete, so that nobody ever reads half a report.

    Args:
        path: where; missing folders are made.
        content: of the file.

    Returns:
        The path.

    Raises:
        ReportError: the folder or the file cannot be written.
    """
    # The process id keeps two runs that write the same report from mixing their halves.
    partial = path.with_name(f".{path.name}.{os.getpid()}.partial")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        partial.write_bytes(content)
        partial.replace(path)
    except OSError as error:
        reason = error.strerror or type(error).__name__
        raise ReportError(
            f"cannot write the report {path}: {reason}. Name another place that this user may write to."
        ) from error
    finally:
        with suppress(OSError):  # also when Ctrl-C strikes in between
            partial.unlink(missing_ok=True)
    return path
