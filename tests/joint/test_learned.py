"""The learned joint forecaster: symmetries, batching, calibration on its own prior, and the released networks."""

import time

import numpy as np
import pytest

import forescale as fs
from forescale.laws.chinchilla import Chinchilla
from forescale.network import answers
from forescale.network.config import NetworkConfig
from forescale.network.encodings import surfaces
from forescale.network.forward import Forward
from forescale.network.surface_reader import MANY, _raw, installed, readings, released
from forescale.prior import SurfaceConfig, SurfacePrior

pytestmark = pytest.mark.skipif(not installed(), reason="needs the released weights")
TRUTH = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}


def runs(n=18, seed=0):
    rng = np.random.default_rng(seed)
    N, D = np.exp(rng.uniform(17, 22, n)), np.exp(rng.uniform(20, 25, n))
    return N, D, Chinchilla().loss(N, D, **TRUTH) * np.exp(0.004 * rng.normal(size=n))


def test_it_is_the_second_opinion_of_the_law_unless_something_is_known_of_the_exponents():
    model = fs.fit_joint(*runs(), n_draws=200)
    assert (model.method, model.other.method, model.other.other.method) == ("law", "pfn", "law")
    assert fs.fit_joint(*runs(), exponent_prior=(0.5, 0.1), n_draws=200).other is None
    with pytest.raises(fs.CurveError, match="use|Use"):
        fs.fit_joint(*runs(), method="pfn", exponents=(0.3, 0.3))


@pytest.mark.parametrize("n", [5, 18, 60, 400])
def test_order_of_rows_moves_no_digit_and_units_move_only_units(n):
    N, D, L = runs(n)
    order = np.random.default_rng(1).permutation(n)
    base = fs.fit_joint(N, D, L, method="pfn")
    mixed = fs.fit_joint(N[order], D[order], L[order], method="pfn")
    assert mixed.predict(1e10, 1e11).quantile(0.1).tolist() == base.predict(1e10, 1e11).quantile(0.1).tolist()
    assert mixed.allocate(1e23).params.draws.tolist() == base.allocate(1e23).params.draws.tolist()
    scaled = fs.fit_joint(N / 1e6, D / 1e9, 3 * L, method="pfn")
    q, r = base.allocate(1e23), scaled.allocate(1e23 / 1e15)
    # float32 tokens: units leave four digits and more
    assert r.params.median * 1e6 == pytest.approx(q.params.median, rel=1e-3)
    assert r.loss.median / 3 == pytest.approx(q.loss.median, rel=1e-4)


def test_other_questions_leave_an_answer_unmoved():
    model = fs.fit_joint(*runs(), method="pfn")
    alone, beside = model.predict(1e10, 1e11), model.predict([1e7, 1e10, 1e12], [1e9, 1e11, 1e10])
    assert alone.median[0] == pytest.approx(beside.median[1], rel=1e-5)  # float32


def test_numpy_and_torch_answer_alike():
    torch = pytest.importorskip("torch")
    from forescale.training.surfaces import SurfaceNetwork

    torch.manual_seed(0)
    config = NetworkConfig(width=32, depth=2, heads=2, scaling="surfaces")
    network = SurfaceNetwork(config)
    for p in network.parameters():  # the blocks start as the identity: move them
        p.data.add_(0.05 * torch.randn_like(p))
    t = SurfacePrior(SurfaceConfig()).sample(np.random.default_rng(0), 3, 11, 4, 2)
    tokens = surfaces.encode(t.u_BM, t.v_BM, t.y_BM, t.u_BT, t.v_BT, t.c_BO)
    ours = _raw(Forward(config, {k: v.numpy() for k, v in network.state_dict().items()}), tokens)
    arrays = (tokens.context_BMF, tokens.loss_BTF, tokens.optimum_BOF)
    theirs = network(*(torch.from_numpy(a) for a in arrays))
    for name in answers.ANSWERS:
        assert ours[name] == pytest.approx(theirs[name].detach().numpy(), abs=2e-4)
    density = answers.log_density(np, ours["run"], *answers.outcome(tokens.anchors["loss"], np.zeros((3, 4))))
    mixture = answers.mixture(ours["run"][1], tokens.anchors["loss"], 1)
    assert mixture.log_pdf(np.zeros(4)) == pytest.approx(density[1], abs=1e-6)  # one of them in float32


def test_readings_count_one_in_all_and_the_second_begins_without_a_step():
    c = np.random.default_rng(0).normal(size=700)
    for n in (5, MANY, MANY + 1, 30, 170, 700):
        found = readings(c[:n])
        assert sum(weight for _, weight in found) == pytest.approx(1)
    assert len(readings(c[:MANY])) == 1
    assert readings(c[: MANY + 1])[-1][1] == pytest.approx(0.1)


def test_its_intervals_hold_on_its_own_prior():
    """150 tables of 12 runs and 60 of 40: 90 % intervals of the loss and of N* hold 85 to 95 % of them."""
    reader = released()
    hits: dict[str, list[np.ndarray]] = {"run": [], "curve": [], "best_u": []}
    for n, tables in ((12, 150), (18, 60)):
        t = SurfacePrior(SurfaceConfig()).sample(np.random.default_rng([9, n]), tables, n, 12, 4)
        for i in range(tables):
            a = reader.ask(t.u_BM[i], t.v_BM[i], t.y_BM[i], t.u_BT[i], t.v_BT[i], t.c_BO[i])
            for name, truth, kept in (
                ("run", t.run_BT[i], np.ones(12, bool)), ("curve", t.curve_BT[i], np.ones(12, bool)),
                ("best_u", t.best_u_BO[i], t.inside_BO[i]),
            ):  # fmt: skip
                low, high = (getattr(a, name).quantile(p) for p in (0.05, 0.95))
                hits[name].append(((low < truth) & (truth < high))[kept])
    for name, found in hits.items():
        share = np.concatenate(found).mean()
        assert 0.84 < share < 0.95, (name, share)  # questions of a table move together: four errors of 210 tables


def test_a_saved_model_answers_alike(tmp_path):
    model = fs.fit_joint(*runs(), method="pfn")
    model.save(tmp_path / "m.json")
    again = fs.JointModel.load(tmp_path / "m.json")
    assert again.predict(1e10, 1e11).median == model.predict(1e10, 1e11).median


def test_serving_is_the_laws_and_said():
    model = fs.fit_joint(*runs(), method="pfn")
    served = model.allocate(1e23, served_tokens=1e13)
    assert served.method == "law"
    assert "other_method" in [w.code for w in served.warnings]


@pytest.mark.parametrize("n", [3, 4])
def test_three_runs_are_answered_and_two_are_refused(n):
    answer = fs.fit_joint(*runs(n), method="pfn").allocate(1e23)
    low, high = answer.params.interval(0.9)
    assert np.log(high / low) > 2
    with pytest.raises(fs.CurveError, match="at least 3 runs"):
        fs.fit_joint(*runs(2))


def test_forecasts_pickle_small_and_name_their_weights():
    import pickle

    forecast, by_law = (fs.fit_joint(*runs(60), method=m, n_draws=600).predict(1e10, 1e11) for m in ("pfn", "law"))
    assert max(len(pickle.dumps(f)) for f in (forecast, by_law)) < 20_000
    assert [w["name"] for w in forecast.details["weights"]] == ["joint", "joint-2"]


@pytest.mark.slow
def test_240_runs_are_read_and_a_budget_split_in_30_milliseconds():
    table = runs(240)
    fs.fit_joint(*table, method="pfn").allocate(1e24)
    began = time.process_time()
    for _ in range(5):
        fs.fit_joint(*table, method="pfn").allocate(1e24)
    assert (time.process_time() - began) / 5 < 0.06  # 25 ms on a quiet machine
