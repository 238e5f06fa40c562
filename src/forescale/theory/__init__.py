"""What can be shown about scaling laws: exact identities, bounds, their optima, and students that measure.

Exact: `FiniteFamily`, `bernoulli_information`, the generator's moments. Upper bounds: `bound_s`, `bound_t`. Exact
minimisers of those bounds: `optimum`. Asymptotic: `asymptote`. Measured: `mixture_regret`, and the
students of `training.simulation`, whose optima `isocompute` reads. Nats throughout.
See docs/theory.md for the story and for what none of this shows.
"""

from .bounds import Bound, best_eps, bound_s, bound_t, expected_atoms, multiplicity_entropy
from .coupling import Coupling, coupling
from .decomposition import FiniteFamily, bernoulli_information
from .frontier import FITS, Frontier, frontier
from .generator import Teachers, draw_teachers, fourth_moment, kl_logits, sticks_needed, tail_weight, truncation_error
from .isocompute import Estimate, IsoCompute, isocompute
from .learners import draw_learners, sample_learners
from .mixtures import mixture_regret
from .optimum import Exponents, Optimum, Slopes, asymptote, optimum

__all__ = [
    "FITS",
    "Bound",
    "Coupling",
    "Estimate",
    "Exponents",
    "FiniteFamily",
    "Frontier",
    "IsoCompute",
    "Optimum",
    "Slopes",
    "Teachers",
    "asymptote",
    "bernoulli_information",
    "best_eps",
    "bound_s",
    "bound_t",
    "coupling",
    "draw_learners",
    "draw_teachers",
    "expected_atoms",
    "fourth_moment",
    "frontier",
    "isocompute",
    "kl_logits",
    "mixture_regret",
    "multiplicity_entropy",
    "optimum",
    "sample_learners",
    "sticks_needed",
    "tail_weight",
    "truncation_error",
]
