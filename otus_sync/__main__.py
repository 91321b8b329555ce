"""``python -m otus_sync`` is ``otus-sync``."""

from otus_sync.cli import main

main()
