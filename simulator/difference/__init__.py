"""What differs between two states of the three systems, or between Clever and Otus in one, and why.

``picture.py`` brings the systems into one shape, ``compare.py`` compares two pictures of one system, ``against.py``
holds Otus against Clever by the rules. All of it is pure: views go in, differences come out.
"""

from simulator.difference.against import clever_against_otus
from simulator.difference.compare import compare
from simulator.difference.records import Difference

__all__ = ["Difference", "clever_against_otus", "compare"]
