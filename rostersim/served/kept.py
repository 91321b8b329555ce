"""All that a look at the three systems needs, kept from one look to the next: the next one costs what has changed."""

from rostersim.served.changed import NOTHING_SEEN, Views, changed
from rostersim.served.everybody import Schools
from rostersim.served.naming import Naming
from rostersim.served.rolls import Rolls
from scenarios.stage import Stage


class Kept:
    """Who and what there is, by name, and who is in which class.

    Args:
        stage: with the names of the story.
    """

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.views: Views = NOTHING_SEEN
        self.naming = Naming(stage)
        self.rolls = Rolls(stage)
        self.schools = Schools()

    def look(self, views: Views) -> None:
        """Look again.

        Args:
            views: of the systems now, made of the same records as those before where nothing has changed.
        """
        before, self.views = self.views, views
        news = changed(before, views)
        renamed = self.naming.look(before, views, news)
        self.schools.look(before, views, news)
        self.rolls.look(before, views, news, renamed, self.naming.called, self.stage.term.code)
