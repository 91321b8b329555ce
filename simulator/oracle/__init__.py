"""The oracle: what Otus must hold after each night, and why, from what happened alone."""
