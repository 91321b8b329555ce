"""What keeps a report from being written."""


class ReportError(OSError):
    """A report could not be written; the message says what, where and what to do instead."""
