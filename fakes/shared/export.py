"""The OpenAPI documents of the fakes as files, for client generators and linters."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from fakes.shared.api import Api


def write_documents(folder: Path, apis: Mapping[str, Api[Any]]) -> list[Path]:
    """Write the OpenAPI document of each API into a folder, which is made if need be.

    Args:
        folder: where to.
        apis: by the name of the file, without ``.json``.

    Returns:
        The files, in the order of ``apis``.

    Raises:
        OSError: the folder cannot be made, or a file cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    paths = []
    for name, api in apis.items():
        path = folder / f"{name}.json"
        path.write_bytes(msgspec.json.format(msgspec.json.encode(api.document()), indent=2) + b"\n")
        paths.append(path)
    return paths
