"""Planning: what one run writes, decided from what was read, and nothing else. Everything here is pure.

Each file is one idea: ``people`` and ``matching`` (who is who, A10), ``emails`` (A11), ``accounts`` (A7,
A13), ``wanted`` and ``digests`` (the classes as Clever wants them), ``comparing`` and ``reads`` (what need not be
read), ``classes`` (F8 to F10, H1 to H3, H10), ``guard`` (A14), ``moves`` (what must be written together),
``outlook`` (what a plan means, by school and name).
"""

from otus_sync.plan.desired import Desired, desired
from otus_sync.plan.gathering import Gathered
from otus_sync.plan.model import OtusSide, Plan, Ruling
from otus_sync.plan.outlook import Outlook, outlook
from otus_sync.plan.planning import plan, plan_classes_anew, plan_from
from otus_sync.plan.reads import classes_to_look_into, compared

__all__ = [
    "Desired",
    "Gathered",
    "OtusSide",
    "Outlook",
    "Plan",
    "Ruling",
    "classes_to_look_into",
    "compared",
    "desired",
    "outlook",
    "plan",
    "plan_classes_anew",
    "plan_from",
]
