"""The one story that a user names, or the world of a folder."""

from pathlib import Path

from rostersim.unusable import Unusable
from scenarios.located import StoryError
from scenarios.shelf import NoSuchStoryError, find_stories
from scenarios.story import Story, read_beginning, read_story

WORLD_FILE = "world.scenario.yaml"
"""What makes a folder a world: how it begins, as a story tells it."""


def one_story(name: str, seed: int, or_else: str = "", *, only_beginning: bool = False) -> Story:
    """Read the one story that a user means.

    Args:
        name: a file, `library/...`, or the folder of a world.
        seed: for all that the story does not say.
        or_else: what else the user may have meant, for the error.
        only_beginning: leave its steps out; it need not have any.

    Raises:
        Unusable: there is none, there are several, or it is wrong.
    """
    inside = Path(name) / WORLD_FILE
    path = str(inside) if inside.is_file() else name
    try:
        books = find_stories([path])
        if len(books) > 1:
            raise Unusable(f"{name!r} holds {len(books)} stories; name one of them, as {books[0].label}")
        return (read_beginning if only_beginning else read_story)(books[0].path, seed)
    except NoSuchStoryError as error:
        raise Unusable(f"{error}{or_else}") from None
    except StoryError as error:
        error.path = Path(books[0].label)
        raise Unusable("\n".join(error.lines())) from None
