"""Where stories lie: the built-in library, and the files and folders that a user names."""

import re
from pathlib import Path
from typing import NamedTuple

from scenarios.located import nearest
from scenarios.story import SUFFIX

LIBRARY = Path(__file__).parent / "library"
LIBRARY_LABEL = "library"


class Book(NamedTuple):
    """A story's file, and the name under which the user knows it."""

    path: Path
    label: str

    @property
    def text(self) -> str:
        """All that stands in the file; nothing if it cannot be read, which reading it will tell."""
        try:
            return self.path.read_text(encoding="utf-8", errors="replace")
        except OSError:
            return ""

    @property
    def head(self) -> str:
        """What stands above the district."""
        return self.text.split("\ndistrict:")[0]

    @property
    def title(self) -> str:
        """The story's title as its file has it, without reading the rest; the file's name if there is none."""
        for line in self.head.splitlines():
            if line.startswith("title:"):
                return line.removeprefix("title:").strip(" \"'")
        return self.path.name


def nights_named(book: Book) -> int:
    """Guess how many nights a story has, without reading it: the largest number that it gives a night.

    Args:
        book: of which nothing need be right.
    """
    return max(map(int, _NIGHT.findall(book.text)), default=0)


_NIGHT = re.compile(r"\bnights? (?:[0-9]{1,4} ?- ?)?([0-9]{1,4})\b")


class NoSuchStoryError(Exception):
    """A path that the user named holds no story; the message offers what there is."""


def find_stories(names: list[str], word: str = "") -> list[Book]:
    """Find the stories that a user means.

    Args:
        names: files, folders, or built-in stories as ``library/by-hand``; nothing means the whole library.
        word: keep only stories whose path, title or rules hold it, without regard to case.

    Raises:
        NoSuchStoryError: a name leads to no story, or no story holds the word.
    """
    books: dict[Path, Book] = {}
    for name in names or [LIBRARY_LABEL]:
        for book in _under(name):
            books.setdefault(book.path.resolve(), book)
    chosen = [book for book in books.values() if _holds(book, word.casefold())]
    if not chosen:
        raise NoSuchStoryError(f"-k {word!r}: no story has this in its path, title or rules (of {len(books)} stories)")
    return chosen


def _under(name: str) -> list[Book]:
    path = Path(name)
    try:
        if path.is_file():
            return [Book(path, name)]
        if path.is_dir():
            return _in_folder(path, name)
    except OSError as error:
        raise NoSuchStoryError(f"{name!r} cannot be looked into: {error.strerror}") from None
    if name == LIBRARY_LABEL or name.startswith(f"{LIBRARY_LABEL}/"):
        inside = LIBRARY / name.removeprefix(LIBRARY_LABEL).lstrip("/")
        if inside.is_file():
            return [Book(inside, name)]
        if inside.is_dir():
            return _in_folder(inside, name)
    stories = sorted(LIBRARY.rglob(f"*{SUFFIX}"))
    folders = sorted({path.parent for path in stories})
    built_in = [f"{LIBRARY_LABEL}/{path.relative_to(LIBRARY)}" for path in (*folders, *stories)]
    raise NoSuchStoryError(f"there is no file or folder {name!r} ({nearest(name, built_in)})")


def _in_folder(folder: Path, label: str) -> list[Book]:
    found = sorted(folder.rglob(f"*{SUFFIX}"))
    if not found:
        raise NoSuchStoryError(f"{label!r} holds no story: a story's file name ends with {SUFFIX}")
    return [Book(path, f"{label.rstrip('/')}/{path.relative_to(folder)}") for path in found]


def _holds(book: Book, word: str) -> bool:
    if not word or word in book.label.casefold():
        return True
    return word in book.head.casefold()
