"""``rostersim capture``: a world made of a real district, with nothing real in it.

A record is masked the moment it is read (``masking.py``, with the keyed functions of ``pseudonyms.py``); what is not
known to be harmless is not read at all. Only masked records go on: into the file that lets a capture go on after an
interruption (``pages.py``), and into the world (``building.py``).
"""

from rostersim.capture.command import capture

__all__ = ["capture"]
