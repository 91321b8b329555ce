"""What goes wrong in a night: planned by a story, or drawn from rates and a seed; consulted for every request."""

from simulator.faults.effects import Effect
from simulator.faults.plan import Fault, FaultPlan, Strike, Window
from simulator.faults.rates import FaultRates

__all__ = ["Effect", "Fault", "FaultPlan", "FaultRates", "Strike", "Window"]
