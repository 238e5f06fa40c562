"""Hide the largest scales of the user's own runs, score every method there, and say whether that tells them apart.

front    the question and its answer, in order
ranking  who is first, by how much, and which method to keep
verdict  what that is worth, in sentences
answer   Backtest, Rank, Score
"""

from .answer import Backtest, Measure, Rank, Score
from .front import backtest, quick_methods

__all__ = ["Backtest", "Measure", "Rank", "Score", "backtest", "quick_methods"]
