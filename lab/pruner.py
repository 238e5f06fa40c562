"""What pruning by forecasts saves: 40 random trials of 40 epochs on three problems, against Optuna's own pruners.

Trials are trained once, whole, and kept; each pruner is then shown the same trials in the same order, epoch by epoch.
"""

from collections.abc import Iterator
from typing import Any

import numpy as np
from benchmark.markdown import markdown, shown

import forescale as fs

from .experiment import Experiment, Found, Task

EPOCHS, TRIALS = 40, 40
PROBLEMS = ("digits, network", "digits, logistic", "synthetic, network")
PRUNERS = ("none", "median", "hyperband", "forecast")


def curves(problem: str, seed: int) -> np.ndarray:
    """Validation error of each trial after each epoch, (TRIALS, EPOCHS); settings are drawn at random."""
    rng = np.random.default_rng([seed, PROBLEMS.index(problem)])
    x, y = _data(problem, seed)
    order = rng.permutation(len(x))
    train, test = order[: len(x) // 2], order[len(x) // 2 :]
    rows = []
    for _ in range(TRIALS):
        learner = _learner(problem, rng)
        errors = []
        for _ in range(EPOCHS):
            learner.partial_fit(x[train], y[train], classes=np.unique(y))
            errors.append(1 - learner.score(x[test], y[test]))
        rows.append(errors)
    return np.maximum(np.array(rows), 0.5 / len(test))


def _data(problem: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.datasets import load_digits, make_classification

    if problem.startswith("digits"):
        x, y = load_digits(return_X_y=True)
        return x / 16, y
    return make_classification(1500, 30, n_informative=12, n_classes=4, flip_y=0.05, random_state=seed)


def _learner(problem: str, rng: np.random.Generator) -> Any:
    from sklearn.linear_model import SGDClassifier
    from sklearn.neural_network import MLPClassifier

    rate = float(10 ** rng.uniform(-4.5, -0.5))
    penalty = float(10 ** rng.uniform(-6, -1))
    state = int(rng.integers(2**31))
    if problem.endswith("logistic"):
        return SGDClassifier("log_loss", alpha=penalty, learning_rate="constant", eta0=rate, random_state=state)
    width = int(2 ** rng.integers(3, 7))
    return MLPClassifier((width,), alpha=penalty, learning_rate_init=rate, batch_size=64, random_state=state)


def asked(name: str, trained: np.ndarray) -> tuple[int, float]:
    """Epochs that were run, and the best final error among the trials that ended."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0), pruner=_pruner(name))
    epochs = 0
    for errors in trained:
        trial = study.ask()
        state = optuna.trial.TrialState.COMPLETE
        for epoch, error in enumerate(errors, start=1):
            trial.report(float(error), epoch)
            epochs += 1
            if epoch < EPOCHS and trial.should_prune():
                state = optuna.trial.TrialState.PRUNED
                break
        value = float(errors[-1]) if state == optuna.trial.TrialState.COMPLETE else None
        study.tell(trial, value, state)
    return epochs, float(study.best_value)


def _pruner(name: str) -> Any:
    import optuna

    from forescale.integrations.optuna import ForecastPruner

    return {
        "none": optuna.pruners.NopPruner,
        "median": lambda: optuna.pruners.MedianPruner(n_warmup_steps=5),
        "hyperband": lambda: optuna.pruners.HyperbandPruner(min_resource=3, max_resource=EPOCHS),
        "forecast": lambda: ForecastPruner(n_steps=EPOCHS),
    }[name]()


def tasks(seeds: int = 5) -> dict[str, Task]:
    """Every problem.

    Args:
        seeds: sets of trials for each problem.
    """
    key = {"forescale": fs.__version__, "seeds": seeds}
    return {problem: Task(lambda problem=problem: dict(measure(problem, seeds)), key) for problem in PROBLEMS}


def measure(problem: str, seeds: int) -> Iterator[tuple[str, Any]]:
    """For each pruner: epochs run, and by how much its best error lies above that of running all."""
    trained = [curves(problem, seed) for seed in range(seeds)]
    for name in PRUNERS:
        answers = [asked(name, t) for t in trained]
        regret = [best - float(t[:, -1].min()) for (_, best), t in zip(answers, trained, strict=True)]
        yield name, {"epochs": [epochs for epochs, _ in answers], "regret": [round(r, 5) for r in regret]}


def page(found: Found) -> str:
    """Epochs run of 1,600 and the price of it, mean ± standard error over seeds."""
    table = [["problem", *(f"{name}: epochs / error above the best" for name in PRUNERS)]]
    for problem, facts in found.items():
        cells = [f"{shown(facts[n]['epochs'], 0)} / {shown(facts[n]['regret'], 4)}" for n in PRUNERS]
        table.append([problem, *cells])
    return markdown(table)


EXPERIMENT = Experiment(
    "pruner",
    "Pruning where P(better than the best) < 5 % runs fewer epochs than the median pruner, at the same best.",
    tasks,
    page,
    docs="guides/during-training.md",
)
