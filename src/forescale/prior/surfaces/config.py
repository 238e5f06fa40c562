"""Settings of the prior of surfaces: every mechanism of a table of runs has its own share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from ..settings import PriorConfig


@dataclass(frozen=True)
class SurfaceConfig(PriorConfig):
    """The prior of tables of runs. `weight_*` are relative shares of the designs, `p_*` probabilities a table."""

    name: ClassVar[str] = "joint"

    p_exact: float = 0.35  # the sum of two powers and a floor, and readings with noise alone
    exponent: float = 0.36  # median of alpha and beta
    exponent_spread: float = 0.45  # standard deviation of their logarithms
    p_wide_exponents: float = 0.18  # twice that spread
    p_no_floor: float = 0.10  # E = 0
    p_any_share: float = 0.20  # reducible share at the centre U(.05, 1), else logistic(N(-.6, 1.1))
    p_far_balance: float = 0.25  # design far from the optimum: balance N(0, 2.2), else N(0, 1)
    p_coupled: float = 0.20  # (A^(1/g) + B^(1/g))^g, ln g ~ N(-.4, .7)
    p_drifting: float = 0.26  # each exponent drifts with the other resource (Farseer)
    p_students: float = 0.15  # small networks: steep, and the estimation term grows with N
    p_students_coupled: float = 0.50  # of these: coupled as bound S has it, ln g ~ N(-.5, .3)
    p_slight: float = 0.50  # of these: hardly anything to gain, reducible share logistic(N(-3.5, 1))
    p_broken: float = 0.15  # an exponent that changes at some size, in N and in D alike
    p_repeated: float = 0.05  # repeated data: effective tokens saturate
    p_saturated: float = 0.10  # a metric that starts at chance
    p_warm_up: float = 0.14  # part of the tokens of short runs is lost to a warm-up of fixed length
    p_cheap_regime: float = 0.18  # runs below some compute act as if they were of another size
    p_untuned: float = 0.12  # one setting for all sizes: a loss that grows with the distance from where it fits
    p_small: float = 0.15  # small models lose more than the law says
    p_large: float = 0.08  # large models do
    p_short: float = 0.15  # short runs do
    p_lopsided: float = 0.15  # over- and under-trained runs do
    p_field: float = 0.85  # a smooth misfit of the law
    field_size: float = 0.05  # its median amplitude, in spreads of the context

    noise: float = 0.028  # median noise of one reading, in spreads of the context
    noise_spread: float = 1.1  # standard deviation of its logarithm
    p_clean: float = 0.10  # hardly any noise
    p_heavy_tails: float = 0.20  # Student t with 3 degrees of freedom
    p_skewed: float = 0.15  # one-sided noise
    p_outliers: float = 0.10  # 5 % of the rows with 3 to 15 times the noise
    p_noise_trend: float = 0.30  # noise that grows or shrinks with compute
    p_noise_of_rest: float = 0.15  # noise in proportion to the reducible part; of students 80 %
    p_size_effect: float = 0.50  # an offset shared by all runs of one N
    p_token_effect: float = 0.12  # the same for one D
    p_wiggle: float = 0.30  # a short wiggle in ln N
    p_best_of_sweep: float = 0.15  # each run is the best of a coarse sweep: a saw-tooth of mismatch, low readings
    p_rounded: float = 0.10  # readings rounded to 1e-4 or 1e-3 of the level
    p_unfinished: float = 0.50  # of designs with checkpoints: read before the schedule ended

    weight_isoflop: float = 0.26
    weight_grid: float = 0.18
    weight_ladder: float = 0.18
    weight_checkpoints: float = 0.12
    weight_scatter: float = 0.20
    weight_line: float = 0.06
    p_few_sizes: float = 0.40  # of grids, ladders and checkpoints: 2 to 5 sizes
    p_uneven: float = 0.60  # uneven spacing
    p_cut: float = 0.50  # the cheapest rows are shown and the dearer ones asked

    p_near: float = 0.35  # ln C of a question U(0, 1.6) beyond the dearest run
    p_middle: float = 0.40  # U(.7, 3.6)
    p_far: float = 0.15  # U(2, 7); else inside the range
