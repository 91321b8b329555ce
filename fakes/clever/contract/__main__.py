"""``python -m fakes.clever.contract``: the checks of Clever's wire against whatever answers at a base URL."""

import os
import sys
import time
import traceback
from collections.abc import Iterator
from urllib.parse import urlsplit

import click

from fakes.clever.contract import CHECKS, Client, Unanswered, Wire, run_checks
from fakes.clever.contract.check import Result
from fakes.clever.contract.told import lines_of, summary
from fakes.clever.records import VERSIONS, Version

EXIT_DIFFERS = 1
EXIT_UNUSABLE = 2
EXIT_BROKEN = 3
"""As those of ``rostersim``: not as expected, wrong input, the checks themselves failed."""


class Unusable(click.ClickException):
    """The input was wrong."""

    exit_code = EXIT_UNUSABLE


def _url(_context: click.Context, option: click.Parameter, url: str) -> str:
    parts = urlsplit(url)
    if (url or option.required) and (parts.scheme not in ("http", "https") or not parts.hostname):
        raise click.BadParameter(f"{url!r} is no base URL; write one as https://api.clever.com, without a version")
    return url


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.option("--url", required=True, callback=_url, help="Base URL without a version: https://api.clever.com.")
@click.option("--oauth-url", default="", callback=_url, help="Base URL of /oauth, if another: https://clever.com.")
@click.option(
    "--token-env", default="CLEVER_TOKEN", show_default=True, help="The environment variable that holds the token."
)
@click.option(
    "--version", "versions", multiple=True, type=click.Choice(VERSIONS), default=VERSIONS, help="Default: both."
)
@click.option("-k", "word", default="", metavar="WORD", help="Only checks with this in their name.")
def main(url: str, oauth_url: str, token_env: str, versions: tuple[Version, ...], word: str) -> None:
    r"""Check a Clever's wire, read only: with a district's token the fake, or Clever's own sandbox.

    \b
    Exit codes: 0 nothing differs · 1 something does · 2 the input was wrong · 3 the checks themselves failed
    """
    token = os.environ.get(token_env, "")
    if not token:
        raise Unusable(f"the environment variable {token_env} holds no token; put a district token into it")
    chosen = [each for each in CHECKS if word.casefold() in each.name.casefold()]
    if not chosen:
        raise Unusable(f"-k {word!r}: no check has this in its name")
    client = Client(url, token, time.sleep)
    oauth = Client(oauth_url or url, token, time.sleep)
    try:
        _admitted(client, versions[0])
        results = _told(run_checks([Wire(client, version, oauth) for version in versions], chosen))
    except Unanswered as error:
        raise Unusable(str(error)) from None
    finally:
        client.close()
        oauth.close()
    raise SystemExit(EXIT_DIFFERS if any(result.outcome == "differs" for result in results) else 0)


def _admitted(client: Client, version: Version) -> None:
    """See that somebody answers and takes the token: without both there is nothing to compare."""
    reply = client.get(f"/{version}/districts")
    if reply.status == 401:
        raise Unusable("the token is not taken (401); use a district token of the server that you ask")


def _told(results: Iterator[Result]) -> list[Result]:
    told = []
    for result in results:
        told.append(result)
        click.echo("\n".join(lines_of(result)))
    click.echo(summary(told))
    return told


if __name__ == "__main__":
    try:
        main(prog_name="python -m fakes.clever.contract")
    except Exception:  # noqa: BLE001 - the outermost place: whatever it is, it is the checks' own fault
        traceback.print_exc()
        sys.exit(EXIT_BROKEN)
