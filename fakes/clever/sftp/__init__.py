"""SFTP-shaped CSV: a district's files on their way into Clever, and what a Clever holds as such files."""

from fakes.clever.sftp.folder import CsvFolder
from fakes.clever.sftp.report import FileReport, Issue, SyncReport
from fakes.clever.sftp.table import FileRefused
from fakes.clever.sftp.writing import export_files, export_folder

__all__ = [
    "CsvFolder",
    "FileRefused",
    "FileReport",
    "Issue",
    "SyncReport",
    "export_files",
    "export_folder",
]
