"""The HTML report: one page with everything in it, which asks no network for anything."""

from base64 import b64encode
from hashlib import sha256
from importlib.resources import files
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from reports.files import write_whole
from reports.page import page_of
from reports.strip import legend_of
from reports.times import seconds_in_words
from reports.words import counted, printable
from simulator.results import SuiteResult

PAGE = "index.html"


def write_html(suite: SuiteResult, folder: Path) -> Path:
    """Write the page of a suite.

    Args:
        suite: the results.
        folder: where to; it is made if it is missing.

    Returns:
        The page, ``folder/index.html``.

    Raises:
        ReportError: the folder cannot be written.
    """
    return write_whole(folder / PAGE, render_html(suite).encode())


def render_html(suite: SuiteResult) -> str:
    """Render the page of a suite; the same results give the same text."""
    style, script = _asset("report.css"), _asset("report.js")
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            page=page_of(suite),
            style=style,
            script=script,
            style_hash=_csp_hash(style),
            script_hash=_csp_hash(script),
            legend=legend_of(),
        )
    )


def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("reports"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=_finalize,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["px"] = _pixels
    environment.filters["seconds"] = seconds_in_words
    environment.globals["counted"] = counted
    return environment


def _finalize(value: object) -> object:
    """Make every text that is filled in fit to be shown; markup of our own is marked as such and stays."""
    return printable(value) if isinstance(value, str) and not hasattr(value, "__html__") else value


def _pixels(length: float) -> str:
    """Write a length with one digit: enough for a screen, and the same everywhere."""
    return f"{length:.1f}".removesuffix(".0")


def _asset(name: str) -> str:
    return (files("reports") / "templates" / name).read_text(encoding="utf-8")


def _csp_hash(text: str) -> str:
    """Name a text for the page's content security policy: nothing else may run, whatever a name holds."""
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
