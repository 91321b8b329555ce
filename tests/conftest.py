"""Lets Python keep what it has compiled of the project while it is tested, whatever the user's environment says.

A run of the tests starts some hundred interpreters, and each would compile the project anew, for half a second each.
It is the setting of the workers and of all their children; the files lie in ``__pycache__``, which git ignores.
"""

import os
import sys

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
sys.dont_write_bytecode = False
