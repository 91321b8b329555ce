"""The console follows a run of stories."""

from reports.console import LiveConsole
from scenarios.shelf import Book
from scenarios.suite import Follower
from simulator.journal import Listener
from simulator.results import StoryResult


class ConsoleFollower(Follower):
    """Hands what happens to the live console.

    Args:
        live: the console.
    """

    def __init__(self, live: LiveConsole) -> None:
        self._live = live

    def started(self, book: Book) -> None:
        """Show that a story begins."""
        self._live.story_started(book.label, book.title)

    def listener(self, book: Book) -> Listener | None:
        """Draw the timeline while the story is played."""
        return self._live.listener(book.label)

    def finished(self, result: StoryResult) -> None:
        """Show what became of it."""
        self._live.story_finished(result)
