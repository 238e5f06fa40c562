"""The prior of tables of runs: what is drawn is what is said, and the answers fit the surfaces."""

import numpy as np
import pytest

from forescale.errors import ConfigError
from forescale.laws.chinchilla import Chinchilla
from forescale.prior import SurfaceConfig, SurfacePrior, make_prior, read_config
from forescale.prior.surfaces.designs import NAMES, draw_design
from forescale.prior.surfaces.questions import optimum
from forescale.prior.surfaces.surface import draw_surface

PLAIN = {f"p_{name}": 0.0 for name in (
    "coupled", "drifting", "students", "broken", "repeated", "saturated", "warm_up", "cheap_regime", "untuned", "small",
    "large", "short", "lopsided", "field", "size_effect", "token_effect", "wiggle", "best_of_sweep", "rounded",
    "unfinished", "outliers", "heavy_tails", "skewed",
)}  # fmt: skip


@pytest.mark.parametrize("n", [3, 20, 160])
def test_tables_are_whole_and_repeat(n):
    prior = SurfacePrior(SurfaceConfig())
    a, b = (prior.sample(np.random.default_rng(5), 24, n, 12, 4) for _ in range(2))
    assert a.u_BM.shape == (24, n)
    assert a.best_u_BO.shape == (24, 4)
    for name in a.__dataclass_fields__:
        assert np.isfinite(getattr(a, name)).all(), name
        assert np.array_equal(getattr(a, name), getattr(b, name)), name


def test_without_its_modifiers_a_surface_is_chinchillas_and_so_is_its_optimum(rng):
    surface = draw_surface(rng, 40, SurfaceConfig(**PLAIN))
    p = {name: surface.p[name][:, 0] for name in ("E", "alpha", "beta")}
    A, B = (np.exp(surface.p["log_r"] + surface.p[f"log_w{x}"])[:, 0] for x in "ab")
    u, v = rng.normal(size=(2, 40, 5))
    law = np.array([
        Chinchilla().log_loss(u[i], v[i], E=p["E"][i], A=A[i], B=B[i], alpha=p["alpha"][i], beta=p["beta"][i])
        for i in range(40)
    ])  # fmt: skip
    assert surface.log_loss(u, v) == pytest.approx(law, abs=1e-9)
    c = np.full((40, 1), 6.0)
    best, slope, inside = optimum(surface, c)
    exact = Chinchilla().optimum(6 * np.exp(6.0), A=A, B=B, **p).n_params
    gap = (best[:, 0] - np.log(exact))[inside[:, 0]]
    assert np.abs(gap).max() < 0.02  # a parabola through nodes .15 apart
    a = p["beta"] / (p["alpha"] + p["beta"])
    assert np.abs(slope[:, 0] - a)[inside[:, 0]].max() < 0.01


def test_a_cut_table_asks_about_dearer_runs():
    config = SurfaceConfig(p_cut=1.0, p_near=1.0, p_middle=0.0, p_far=0.0)
    t = SurfacePrior(config).sample(np.random.default_rng(1), 60, 16, 12, 4)
    ahead = (t.u_BT + t.v_BT).mean(1) - (t.u_BM + t.v_BM).max(1)
    assert np.mean(ahead > 0) > 0.9


def test_readings_scatter_around_the_curve():
    t = SurfacePrior(SurfaceConfig()).sample(np.random.default_rng(2), 300, 30, 12, 4)
    off = np.abs(t.run_BT - t.curve_BT).mean(1) / t.y_BM.std(1)
    assert 0.01 < np.median(off) < 0.15  # .028 of independent noise, and half of the tables have effects beside


def test_every_design_is_drawn_and_keeps_its_shape(rng):
    design = draw_design(rng, 400, 12, SurfaceConfig())
    assert set(design.kind) == set(range(len(NAMES)))
    assert (design.counts.sum(1) >= 12).all()
    line = design.kind == NAMES.index("line")
    off = np.abs(design.v - design.u)[line]
    assert np.median(off) < 0.2  # all but a few rows lie on one ratio


def test_settings_survive_a_round_trip_and_a_prior_of_curves_is_not_taken_for_it():
    config = SurfaceConfig(p_cut=0.25)
    assert read_config(config.to_dict()) == config
    with pytest.raises(ConfigError, match="tables of runs"):
        make_prior("joint")
    with pytest.raises(ConfigError, match="unknown"):
        SurfaceConfig.from_dict({"p_unheard": 0.1})


def test_an_exact_table_is_the_sum_whatever_else_is_switched_on_and_has_noise_alone(rng):
    config = SurfaceConfig(p_exact=1.0, p_coupled=1.0, p_broken=1.0, p_field=1.0, p_size_effect=1.0, p_unfinished=1.0)
    surface = draw_surface(rng, 200, config)
    h, u, v = 1e-3, *rng.normal(size=(2, 200, 1))
    red = lambda a, b: np.exp(surface.log_reducible(u + a, v + b))  # noqa: E731
    mixed = red(h, h) - red(h, -h) - red(-h, h) + red(-h, -h)
    assert np.abs(mixed / red(0, 0)).max() < 1e-10  # a sum of two terms has no mixed derivative
    t = SurfacePrior(config).sample(rng, 300, 30, 12, 4)
    off = t.run_BT - t.curve_BT
    order = np.argsort(t.u_BT, axis=1)
    near = np.take_along_axis(off, order, 1)
    r = (near[:, 1:] * near[:, :-1]).sum() / (near**2).sum()
    assert abs(r) < 0.15  # neighbours in size share nothing; 3,300 pairs, heavy tails


def test_noise_in_proportion_to_the_rest_is_as_loud_as_the_reducible_part(rng):
    surface = draw_surface(rng, 400, SurfaceConfig(p_noise_of_rest=1.0, p_exact=1.0, p_students=0.0, p_saturated=0.0))
    u, v = rng.normal(size=(2, 400, 3))
    share = surface.log_reducible(u, v) - surface.log_loss(u, v)
    assert surface.log_loudness(u, v) == pytest.approx(np.clip(share - surface.p["log_r"], -4, 2.5))
    flat = draw_surface(rng, 50, SurfaceConfig(p_noise_of_rest=0.0, p_students=0.0))
    assert (flat.log_loudness(u[:50], v[:50]) == 0).all()


def test_students_gain_little_and_split_as_the_theory_s_do(rng):
    only = SurfaceConfig(p_students=1.0, p_coupled=0.0, p_drifting=0.0, p_exact=0.0)
    surface = draw_surface(rng, 2000, only)
    assert np.mean(np.exp(surface.p["log_r"]) < 0.1) == pytest.approx(0.5, abs=0.07)  # logistic(-3.5 ± 1), of one half
    slope = SurfacePrior(only).sample(rng, 200, 20, 4, 4).slope_BO
    low, high = np.quantile(slope, [0.05, 0.95])
    assert low < 0.27 < high  # what simulated students have (docs/theory.md)
