"""``rostersim generate`` and ``rostersim serve-district``: a district of any size, made and served for measurements."""

import time
from collections.abc import Iterator
from concurrent.futures import BrokenExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from rostersim.stopping import EXIT_INTERRUPTED, ended_by_sigterm
from rostersim.unusable import Unusable

if TYPE_CHECKING:
    from loadtests.district import Served
    from loadtests.generate import Manifest
    from loadtests.generate.tell import Tell

EXIT_HARNESS = 3
EXIT_DIFFERENT = 1
LOOK_SECONDS = 0.5
"""How often a served district is looked at, in real time."""
PRESETS = ("small", "sandbox", "nyc")
OTUS_STATES = ("none", "first", "after")
NIGHTS = ("quiet", "first-week", "first", "school-moves", "outage")


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--preset", type=click.Choice(PRESETS), default="small", show_default=True, help="How large it is.")
@click.option("--schools", type=click.IntRange(1), metavar="N", help="So many schools, the rest in proportion.")
@click.option("--students", type=click.IntRange(1), metavar="N", help="So many students, the rest in proportion.")
@click.option("--large-school", type=click.IntRange(1), metavar="N", help="So many students in one school.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="The same seed, the same bytes.")
@click.option(
    "--otus",
    type=click.Choice(OTUS_STATES),
    default="first",
    show_default=True,
    help="Make no Otus, one before its first night, or one as after last night. Both hold things made by hand.",
)
@click.option("--force", is_flag=True, help="Replace a district that is there.")
def generate(
    folder: Path,
    preset: str,
    schools: int | None,
    students: int | None,
    large_school: int | None,
    seed: int,
    otus: str,
    force: bool,
) -> None:
    """Make a district in the folder DIR: clever.db, otus.db and district.json.

    \b
    small    6 schools, 900 students
    sandbox  239 schools, 56,635 students, 25,843 sections, 460,000 enrollments: the size of Clever's own sandbox
    nyc      1,800 schools, 1,000,000 students, 250,000 sections, 7,000,000 enrollments: New York City (7 GB of disk)

    \b
    Examples:
      rostersim generate --preset sandbox /tmp/sandbox
      rostersim generate --preset nyc --students 50000 --otus after /tmp/quiet
      rostersim generate --preset sandbox --large-school 4000 --otus after /tmp/large-school
    """
    with _understood():
        from loadtests.generate import NoRoom, UnusableFolder, UnusableSize, Wish  # noqa: PLC0415 - needs the extra
        from loadtests.generate import generate as make  # noqa: PLC0415

        began = time.perf_counter()
        try:
            with ended_by_sigterm(), _progress() as tell:
                wish = Wish(preset, schools, students, large_school)
                manifest = make(folder, wish, seed, otus, tell, replace=force)  # type: ignore[arg-type]  # click checked it
        except (UnusableSize, UnusableFolder, NoRoom) as error:
            raise Unusable(str(error)) from None
        except BrokenExecutor:
            click.echo("rostersim: the process that writes rows was killed; nothing is left behind", err=True)
            raise SystemExit(EXIT_HARNESS) from None
    _print_made(folder, manifest, time.perf_counter() - began)


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--night", type=click.Choice(NIGHTS), default="quiet", show_default=True, help="Before which night.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Of who changes.")
def change(folder: Path, night: str, seed: int) -> None:
    """Change the district in DIR as districts change before a night.

    \b
    quiet         0.5 % of sections, students and teachers
    first-week    8 %
    outage        what three quiet nights bring, at once
    school-moves  a school gets another DBN, and everybody in it goes along
    first         Otus is emptied, as before its first night: everything is to be written
    """
    with _understood():
        from loadtests.generate import BrokenDistrict  # noqa: PLC0415 - needs the extra
        from loadtests.generate.changes import change as make  # noqa: PLC0415

        try:
            with ended_by_sigterm(), _progress() as tell:
                changed = make(folder, night, seed, tell=tell)  # type: ignore[arg-type]  # click checked it
        except BrokenDistrict as error:
            raise Unusable(str(error)) from None
    for what, count in changed.items():
        click.echo(f"{count:>9,} {what.replace('_', ' ')}")


@click.command(name="check-district")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
def check_district(folder: Path) -> None:
    """Compare Otus with Clever in the district in DIR: all accounts, classes and enrollments.

    Exit code 1 if they differ. What was made by hand in Otus must be as it was (F6, F9, F10).
    """
    with _understood():
        from loadtests.check import check_district as check  # noqa: PLC0415 - needs the extra
        from loadtests.generate import BrokenDistrict  # noqa: PLC0415

        try:
            with ended_by_sigterm():
                verdict = check(folder)
        except BrokenDistrict as error:
            raise Unusable(str(error)) from None
    for line in verdict.first:
        click.echo(line)
    compared = ", ".join(f"{count:,} {what}" for what, count in verdict.compared.items())
    click.echo(f"{verdict.differences:,} differences in {compared} ({verdict.seconds:.1f} s)")
    raise SystemExit(EXIT_DIFFERENT if verdict.differences else 0)


@click.command(name="serve-district")
@click.argument("folder", metavar="DIR", type=click.Path(file_okay=False, path_type=Path))
@click.option("--clever-workers", type=click.IntRange(1, 64), default=2, show_default=True, help="Processes of Clever.")
@click.option("--otus-workers", type=click.IntRange(1, 64), default=1, show_default=True, help="Processes of Otus.")
@click.option(
    "--access-log", type=click.Path(dir_okay=False, path_type=Path), metavar="FILE", help="Write a JSON line a request."
)
@click.option(
    "--rate-limit", type=click.IntRange(1), metavar="N", help="Requests a minute that Clever gives a token; one worker."
)
@click.option("--show-tokens", is_flag=True, help="Print the tokens too, as a sync wants them.")
def serve_district(
    folder: Path,
    clever_workers: int,
    otus_workers: int,
    access_log: Path | None,
    rate_limit: int | None,
    show_tokens: bool,
) -> None:
    """Serve Clever and Otus of the district in DIR on this machine, by the real clock. Ctrl-C ends it.

    Otus writes into DIR/otus.db; copy DIR to begin again from the same night.
    """
    with _understood():
        from loadtests import district as serving  # noqa: PLC0415 - needs the extra
        from loadtests.generate import BrokenDistrict  # noqa: PLC0415

        options = serving.ServeOptions(clever_workers, otus_workers, access_log, rate_limit)
        try:
            with ended_by_sigterm(), serving.serve_district(folder, options) as served:
                _print_served(served, show_tokens=show_tokens)
                while True:
                    served.check()
                    time.sleep(LOOK_SECONDS)
        except BrokenDistrict as error:
            raise Unusable(str(error)) from None
        except serving.WorkerDied as error:
            click.echo(f"rostersim: {error}", err=True)
            raise SystemExit(EXIT_HARNESS) from None


@contextmanager
def _understood() -> Iterator[None]:
    """Say in a sentence what is missing or was stopped."""
    try:
        yield
    except ModuleNotFoundError as error:
        raise Unusable(f"this needs {error.name}; install it with: pip install 'rostersim[load]'") from None
    except KeyboardInterrupt:
        click.echo("\nrostersim: stopped; nothing is left behind", err=True)
        raise SystemExit(EXIT_INTERRUPTED) from None


@contextmanager
def _progress() -> "Iterator[Tell]":
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"))
    console = Console(stderr=True)
    with Progress(
        *columns, TimeElapsedColumn(), console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("schools")

        def tell(what: str, done: int, of: int) -> None:
            progress.update(task, description=what, completed=done, total=of)

        yield tell


def _print_made(folder: Path, manifest: "Manifest", seconds: float) -> None:
    console = Console(highlight=False)
    table = Table(box=None, pad_edge=False, title=f"{folder}", title_justify="left", show_header=False)
    table.add_column("what")
    table.add_column("how many", justify="right")
    for name in manifest.counts.__struct_fields__:
        table.add_row(name.replace("_", " "), f"{getattr(manifest.counts, name):,}")
    for name, count in manifest.planted.items():
        table.add_row(f"{name.replace('_', ' ')} by hand", f"{count:,}")
    for path in sorted(folder.glob("*.db")):
        table.add_row(path.name, f"{path.stat().st_size / 1e6:,.1f} MB")
    console.print(table)
    console.print(f"made in {seconds:.1f} s with seed {manifest.seed}; Otus: {manifest.otus}")


def _print_served(served: "Served", *, show_tokens: bool) -> None:
    environment = served.environment()
    for name, value in environment.items():
        click.echo(f"{name}={value}" if show_tokens or not name.endswith("TOKEN") else f"{name}=(--show-tokens)")
    counts = served.manifest.counts
    click.echo(f"{counts.students:,} students in {counts.schools:,} schools; Ctrl-C ends it")
