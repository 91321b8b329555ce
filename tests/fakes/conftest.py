"""Says at the end of a test run what Schemathesis asked of the fakes."""

from collections import Counter

import pytest

PROPERTY = "schemathesis requests"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Count operations and requests of each fake, wherever they ran."""
    operations: Counter[str] = Counter()
    requests: Counter[str] = Counter()
    for reports in terminalreporter.stats.values():
        for report in reports:
            if getattr(report, "when", "") == "teardown":
                for key, (fake, asked) in report.user_properties:
                    if key == PROPERTY:
                        operations[fake] += 1
                        requests[fake] += asked
    if operations:
        terminalreporter.section("Schemathesis, all checks")
    for fake in sorted(operations):
        terminalreporter.write_line(f"{fake}: {operations[fake]} operations, {requests[fake]} requests")
