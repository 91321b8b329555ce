"""The very first steps: whose ``fakes`` and ``simulator`` are these? Only then the command line.

The packages of the project have common names. A folder of the user's that happens to be called ``fakes`` must
not be taken for ours, so this looks before anything else is imported.
"""

import importlib.util
import sys
import traceback
from pathlib import Path

from rostersim.stopping import EXIT_INTERRUPTED

PACKAGES = ("fakes", "simulator", "scenarios", "reports")
EXIT_UNUSABLE = 2
EXIT_BROKEN = 3


def strangers(home: Path) -> list[str]:
    """Name the packages that are somebody else's, each with its folder.

    Args:
        home: the folder that our own packages lie in.
    """
    found = []
    for name in PACKAGES:
        spec = importlib.util.find_spec(name)
        where = Path(spec.origin).resolve().parent if spec is not None and spec.origin else None
        if where != home / name:
            found.append(f"{name} is {where or 'missing'}, expected {home / name}")
    return found


def main() -> None:
    """Run the command line, unless it would run on somebody else's packages."""
    here = str(Path.cwd())
    if not sys.flags.safe_path and sys.path[:1] in ([""], [here]):
        sys.path.append(sys.path.pop(0))  # as `python -P`: the user's folder never comes first
    wrong = strangers(Path(__file__).resolve().parent.parent)
    if wrong:
        sys.stderr.write("rostersim: another package stands in the way of one of ours:\n")
        sys.stderr.writelines(f"  {line}\n" for line in wrong)
        sys.stderr.write("rename that folder, or start with `python -P -m rostersim`\n")
        raise SystemExit(EXIT_UNUSABLE)
    try:
        from rostersim.cli import cli  # noqa: PLC0415 - only now is it known to be ours

        cli(prog_name="rostersim")
    except KeyboardInterrupt:
        raise SystemExit(EXIT_INTERRUPTED) from None
    except Exception:  # noqa: BLE001 - the outermost place: whatever it is, it is the harness's fault
        sys.stderr.write("rostersim: the harness itself failed; this is no finding about a sync or a story\n")
        traceback.print_exc()
        raise SystemExit(EXIT_BROKEN) from None
