"""Tables of runs: columns guessed by name, repeated data, saved models, plans, backtests, the shell."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

import forescale as fs
from forescale.cli import load
from forescale.joint.table import effective_tokens, read_runs_table
from forescale.laws.chinchilla import Chinchilla

TRUTH = {"E": 1.8172, "A": 482.01, "B": 2085.43, "alpha": 0.3478, "beta": 0.3658}


def runs(n=30, seed=0):
    rng = np.random.default_rng(seed)
    N, D = np.exp(rng.uniform(17, 22, n)), np.exp(rng.uniform(20, 25, n))
    return N, D, Chinchilla().loss(N, D, **TRUTH) * np.exp(0.004 * rng.normal(size=n))


@pytest.fixture
def path(tmp_path):
    N, D, L = runs()
    file = tmp_path / "runs.csv"
    rows = "".join(
        f"{a!r},{b!r},{6 * a * b!r},{c!r}\n" for a, b, c in zip(*(x.tolist() for x in (N, D, L)), strict=True)
    )
    file.write_text("n_params,train_tokens,FLOPs,val_loss\n" + rows)
    return file


def test_columns_are_guessed_and_said(path):
    table = read_runs_table(str(path))
    assert table.params.tolist() == runs()[0].tolist()
    assert "params from 'n_params'" in table.caveats[0].message


@pytest.mark.parametrize("left_out", ["params", "tokens"])
def test_flops_stand_for_one_of_params_and_tokens(left_out):
    N, D, L = runs()
    frame = {"params": N, "tokens": D, "flops": 6 * N * D, "loss": L}
    whole = read_runs_table(frame)
    del frame[left_out]
    short = read_runs_table(frame)
    assert getattr(short, left_out) == pytest.approx(getattr(whole, left_out), rel=1e-12)


def test_flops_that_are_not_six_n_d_are_told():
    N, D, L = runs()
    table = read_runs_table({"params": N, "tokens": D, "flops": 8.4 * N * D, "loss": L})
    assert "off_rule" in [c.code for c in table.caveats]
    assert "1.4 times" in next(c.message for c in table.caveats if c.code == "off_rule")


@pytest.mark.parametrize(
    ("frame", "said"),
    [
        ({"params": [1e8], "loss": [2.0]}, "expected columns of params, tokens and loss"),
        ({"params": [1e8], "tokens": [1e9], "val_loss": [2.0], "test_loss": [2.1]}, "one column of loss"),
        ({"params": [1e8, 0], "tokens": [1e9, 1e9], "loss": [2.0, 2.0]}, "positive, finite params"),
    ],
)
def test_tables_that_cannot_be_read_are_refused_in_one_sentence(frame, said):
    with pytest.raises(fs.CurveError, match=said):
        read_runs_table(frame)


def test_one_column_has_one_role():
    N, D, L = runs()
    with pytest.raises(fs.CurveError, match="'params' for both"):
        read_runs_table({"params": N, "tokens": D, "loss": L}, tokens="params")


def test_repeated_tokens_count_less():
    assert effective_tokens(5.0, 10.0) == pytest.approx(5.0)
    assert effective_tokens(10.0, 10.0) == pytest.approx(10.0)
    assert 35 < effective_tokens(40.0, 10.0) < 40  # four epochs are almost as good as new data
    assert effective_tokens(1e6, 10.0) == pytest.approx(164.0)  # U (1 + R)
    N, D, L = runs()
    table = read_runs_table({"params": N, "tokens": D, "loss": L, "unique_tokens": np.where(D > 1e10, 1e10, np.nan)})
    assert "repeated_data" in [c.code for c in table.caveats]
    assert (table.tokens <= D).all()


@pytest.mark.parametrize("method", ["law", "chinchilla"])
def test_a_saved_model_gives_the_same_answers(tmp_path, method):
    model = fs.fit_joint(*runs(), method=method, n_draws=400)
    model.save(tmp_path / "m.json")
    again = fs.JointModel.load(tmp_path / "m.json")
    assert again.method == method
    assert again.allocate(1e23).params.median == model.allocate(1e23).params.median
    assert (tmp_path / "m.json").stat().st_size < 20_000


def test_files_that_are_no_model_are_refused(tmp_path):
    file = tmp_path / "m.json"
    for text, said in (
        ("{", "does not parse"),
        ('{"kind": 1}', "another file"),
        ('{"kind": "forescale joint model", "version": 9}', "version 1"),
    ):
        file.write_text(text)
        with pytest.raises(fs.CheckpointError, match=said):
            fs.JointModel.load(file)


def test_a_plan_beats_what_people_do_and_keeps_to_the_budget():
    model = fs.fit_joint(*runs(), method="law", n_draws=800)
    plan = model.plan(1e24, 1e21, 4)
    assert sum(run.flops for run in plan.runs) <= 1e21 * (1 + 1e-9)
    assert 1 <= len(plan.runs) <= 4
    narrowed = [np.log1p(-x.narrows_params) + np.log1p(-x.narrows_loss) for x in (plan.runs[-1], *plan.rivals)]
    assert narrowed[0] <= min(narrowed[1:]) + 0.05  # the greedy choice is not the best of all, but no worse than these
    assert "will read" in str(plan.page().shown_tables[0].columns)


def test_parts_add_up_to_the_loss():
    parts = fs.fit_joint(*runs(), method="chinchilla", n_draws=400).parts(1e10, 2e11)
    total = parts.irreducible.draws + parts.from_params.draws + parts.from_tokens.draws
    assert total == pytest.approx(parts.loss.draws, rel=1e-9)


def test_a_backtest_hides_the_dearest_runs_and_judges_no_further_than_they_allow():
    N, D, L = runs(40)
    found = fs.backtest_joint(N, D, L, methods=["law", "chinchilla"], hold_out=0.2)
    assert len(found.hidden["loss"]) == 8
    assert (found.hidden["params"] * found.hidden["tokens"]).min() > np.sort(N * D)[31]
    assert {s.method for s in found.scores} == {"law", "chinchilla"}
    assert found.scores[0].ll >= found.scores[1].ll
    assert "8 runs prove little" in found.verdict
    with pytest.raises(fs.CurveError, match="at least 3 runs"):
        fs.backtest_joint(N[:4], D[:4], L[:4], hold_out=0.5)


def shell(*words):
    return CliRunner().invoke(load(), [str(w) for w in words])


def test_the_commands_answer(path, tmp_path):
    model = tmp_path / "m.json"
    told = shell("predict", path, "--at", "8B:15T,70B:1.4T", "--method", "law", "--save", model, "--json")
    assert told.exit_code == 0, told.output
    rows = json.loads(told.stdout)["predictions"]
    assert [row["params"] for row in rows] == [8e9, 7e10]
    assert set(rows[0]["intervals"]) == {"50", "90"}
    split = shell("allocate", "--model", model, "--compute", "1e23", "--json")
    assert split.exit_code == 0, (split.exception, split.output)
    assert json.loads(split.stdout)["method"] == "law"
    plan = shell("plan", "--model", model, "--compute", "1e23", "--budget", "3e20", "-n", 3)
    assert "isoFLOP sweep" in plan.stdout
    tested = shell("backtest", path, "--params", "n_params", "--tokens", "train_tokens", "--methods", "law,chinchilla")
    assert "log density" in tested.stdout


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["predict", "--at", "8B:15T"], "a table of runs or --model"),
        (["predict", "runs.csv", "--at", "8B"], "params:tokens"),
        (["allocate", "--model", "nothing.json", "--compute", "1e23"], "saved joint model"),
    ],
)
def test_commands_that_cannot_be_answered_say_why(words, said):
    done = shell(*words)
    assert done.exit_code != 0
    assert said in str(done.exception) + done.output


def test_units_in_the_names_of_columns_count():
    table = {"params (M)": [70.0, 160, 410], "tokens_B": [2.0, 6, 20], "eval/loss": [3.1, 2.9, 2.7]}
    found = read_runs_table(table)
    np.testing.assert_array_equal(found.params, [7e7, 1.6e8, 4.1e8])
    np.testing.assert_array_equal(found.tokens, [2e9, 6e9, 2e10])
    assert [c.code for c in found.caveats] == ["guessed_columns", "read_from", "read_from"]
    counted = {**table, "tokens_B": [2e9, 6e9, 2e10]}
    np.testing.assert_array_equal(read_runs_table(counted, tokens="TOKENS_B").tokens, [2e9, 6e9, 2e10])


def test_a_row_with_a_blank_cell_is_left_out_and_said():
    found = read_runs_table({"N": [1e8, 2e8, 4e8], "D": [1e9, 1e9, 1e9], "loss": ["3", "", "2.8"]})
    np.testing.assert_array_equal(found.params, [1e8, 4e8])
    assert "1 row with a blank cell left out." in [c.message for c in found.caveats]


def test_a_measure_that_is_better_when_higher_is_no_loss():
    with pytest.raises(
        fs.CurveError, match="expected a loss, which falls, got 'accuracy', which is better when higher"
    ):
        read_runs_table({"N": [1e8, 2e8, 4e8], "D": [1e9, 1e9, 1e9], "accuracy": [0.3, 0.4, 0.5]}, loss="accuracy")
