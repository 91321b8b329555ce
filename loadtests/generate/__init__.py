"""Generates a district of any size, straight into the files of the fakes."""

from loadtests.generate.making import UnusableFolder, generate
from loadtests.generate.manifest import BrokenDistrict, Manifest, OtusState, read_manifest
from loadtests.generate.room import NoRoom
from loadtests.generate.size import PRESETS, Size, UnusableSize, Wish, size_of

__all__ = [
    "PRESETS",
    "BrokenDistrict",
    "Manifest",
    "NoRoom",
    "OtusState",
    "Size",
    "UnusableFolder",
    "UnusableSize",
    "Wish",
    "generate",
    "read_manifest",
    "size_of",
]
