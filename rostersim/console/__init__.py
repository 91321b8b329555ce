"""The console: served worlds in a browser. It shows what the control API tells, and does what it lets do."""

from rostersim.console.application import with_console

__all__ = ["with_console"]
