"""Says at the end of a test run how often the sync was killed, and what came of it."""

from collections import Counter

import pytest

CRASHES = "crashes"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Add up the kills of every world, wherever they were tried."""
    told: dict[str, Counter[str]] = {}
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                for world, counts in (value for key, value in report.user_properties if key == CRASHES):
                    told.setdefault(world, Counter()).update(counts)
    if not told:
        return
    terminalreporter.section("Crash everywhere")
    for world, counts in sorted(told.items()):
        terminalreporter.write_line(
            f"{world}: {counts['kills']} kills at {counts['requests']} requests, {counts['aftermaths']} aftermaths,"
            f" {counts['differences']} differences"
        )
    total = sum(told.values(), Counter[str]())
    terminalreporter.write_line(f"{len(told)} worlds: {total['kills']} kills, {total['differences']} differences")
