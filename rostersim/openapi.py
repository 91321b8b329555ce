"""``rostersim openapi``: the wire of all that is served, as documents."""

from pathlib import Path

import click

from fakes.ats import api as ats_api
from fakes.clever.interface import API as clever_api  # noqa: N811 - there it is a constant
from fakes.otus import api as otus_api
from fakes.shared.export import write_documents
from rostersim.served.wire import control_api
from rostersim.unusable import Unusable


@click.command()
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
def openapi(folder: Path) -> None:
    """Write the OpenAPI documents of the three fakes and of the control API into FOLDER."""
    try:
        paths = write_documents(
            folder, {"ats": ats_api, "clever": clever_api, "otus": otus_api, "control": control_api}
        )
    except OSError as error:
        raise Unusable(f"{folder}: {error.strerror or error}") from None
    for path in paths:
        click.echo(path)
