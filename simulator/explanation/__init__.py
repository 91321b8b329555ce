"""Why somebody or something in Otus is as it is, who must do what, and when it will be right by itself.

``subject.py`` finds whom and what is meant, ``case.py`` gathers what ATS/STARS, Clever and Otus hold about them,
``foresight.py`` knows what the feed and the nights will bring, ``steps.py`` asks the FAQ's questions in their order,
``membership.py``, ``email.py`` and ``account.py`` judge, ``explain.py`` puts it together.
"""

from simulator.explanation.explain import explain
from simulator.explanation.records import Explanation
from simulator.explanation.subject import AmbiguousName, CannotExplain, UnknownName

__all__ = ["AmbiguousName", "CannotExplain", "Explanation", "UnknownName", "explain"]
