"""Which recipe is better at a scale nobody has run: probabilities, effective compute, crossings, and a baseline.

front        the question and its answer, in order
order        P(A better than B), of own forecasts, of the forecast ratio and of the measured gap
correlation  what the group's own backtests say of errors in common
walk         the gap as a random walk
common       what two recipes measured at the same x
draws        pairs of whole curves: multipliers and crossings
answer       Recipes, Duel
"""

from .answer import CALLED, Duel, LargestRun, Recipes
from .draws import first_below, first_sign_change
from .front import BEYOND, recipes

__all__ = ["BEYOND", "CALLED", "Duel", "LargestRun", "Recipes", "first_below", "first_sign_change", "recipes"]
