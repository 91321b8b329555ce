"""Requests under way at once: a bounded number, and with one exactly one after the other."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

Result = TypeVar("Result")
Task = Callable[[], Result]


class Lanes:
    """Carries out tasks, each of which makes requests.

    Args:
        count: how many tasks at once. With 1 each is done where it is asked for, in no other thread.
    """

    def __init__(self, count: int = 1) -> None:
        self._count = count

    def in_turn(self, tasks: Iterable[Task[Result]]) -> Iterator[Result]:
        """Give the results in the order of the tasks. A task is not begun more than ``count`` tasks early.

        After one has failed no further one is begun; those under way are waited for and their results given,
        so that whoever counts what was written counts all of it. Then the failure is raised.
        """
        if self._count == 1:
            for task in tasks:
                yield task()
            return
        with ThreadPoolExecutor(self._count, thread_name_prefix="otus-sync") as pool:
            yield from _results(pool, iter(tasks), self._count)

    def begun(self, task: Task[Result]) -> Task[Result]:
        """Have a task done meanwhile, with several lanes; what is given is called where its result is needed."""
        if self._count == 1:
            return task
        pool = ThreadPoolExecutor(1, thread_name_prefix="otus-sync")
        result = pool.submit(task).result
        pool.shutdown(wait=False)
        return result

    def ahead(self, items: Iterator[Result]) -> Iterator[Result]:
        """Give items one by one, and with several lanes get the next one while the last is worked on."""
        if self._count == 1:
            yield from items
            return
        with ThreadPoolExecutor(1, thread_name_prefix="otus-sync") as pool:
            coming = pool.submit(_one_of, items)
            while (found := coming.result()) is not None:
                coming = pool.submit(_one_of, items)
                yield from found


def _one_of(items: Iterator[Result]) -> list[Result] | None:
    for item in items:
        return [item]
    return None


def _results(pool: ThreadPoolExecutor, tasks: Iterator[Task[Result]], count: int) -> Iterator[Result]:
    under_way: deque[Future[Result]] = deque()
    failure: BaseException | None = None
    more = True
    while True:
        while more and failure is None and len(under_way) < count:
            task = next(tasks, None)
            more = task is not None
            if task is not None:
                under_way.append(pool.submit(task))
        if not under_way:
            break
        done = under_way.popleft()
        error = done.exception()
        if error is None:
            yield done.result()
        failure = failure or error
    if failure is not None:
        raise failure
