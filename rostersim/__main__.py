"""``python -m rostersim``."""

from rostersim.start import main

main()
