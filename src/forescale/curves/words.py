"""Words in column names: which mean a resource, which a loss, which are never an x. Guesses are made by `guessing`."""

import re
from functools import lru_cache
from itertools import pairwise

RESOURCES = frozenset({
    "tokens", "token", "examples", "samples", "images", "sequences", "documents", "docs", "rows", "instances", "shots",
    "steps", "step", "iterations", "iteration", "iters", "iter", "updates", "batches",
    "timesteps", "timestep", "episodes", "episode", "frames", "interactions",
    "epochs", "epoch", "flops", "flop", "compute", "petaflops", "budget", "gpu_hours", "gpu_days",
    "params", "parameters", "parameter_count", "param_count", "n_parameters", "size", "sizes",
    "width", "n_embd", "d_model",
    "data", "dataset_size", "train_size", "train_sizes", "n_train", "n_samples", "x",
})  # fmt: skip
"""x: what is spent."""
LETTERS = frozenset({"N", "D", "C"})
"""x in the letters of the papers, in capitals; the loss is L."""
COUNTERS = frozenset({"number", "trial", "round", "generation", "index", "s", "it", "row"})
"""x where no resource is named: what merely counts."""
LOSSES = frozenset({
    "loss", "losses", "error", "err", "perplexity", "ppl", "nll", "bpb", "bpc", "wer", "cer", "mse", "rmse", "mae",
    "mape", "entropy", "xent", "ce", "brier", "logloss", "log_loss", "deviance", "regret", "fid", "kl",
    "tel", "trl", "vl", "tl", "y",
})  # fmt: skip
"""y: what is to fall."""
TESTED = frozenset({"value", "test_score", "test_scores", "objective", "metric"})
"""y where no measure is named."""
SCORES = frozenset({"reward", "rewards", "return", "returns", "elo", "score", "scores"})
"""y that rises towards no bound that is known, where no other measure is named."""
SPREADS = frozenset({
    "sem", "se", "ci", "low", "lo", "high", "hi", "lower", "upper", "min", "max", "var", "variance",
    "scale", "q05", "q10", "q25", "q75", "q90", "q95", "p05", "p10", "p25", "p75", "p90", "p95",
})  # fmt: skip
"""Not y where another column fits: the ends of error bars, the scale of a loss."""
AVERAGES = frozenset({"avg", "average", "mean", "median", "ema", "smoothed", "best"})
"""Alone no name of an x: what a log says of its measure once more."""
LOGARITHMS = frozenset({"log", "log2", "log10", "ln"})
NEVER = frozenset({
    "seed", "seeds", "lr", "learning_rate", "learningrate", "momentum", "dropout",
    "weight_decay", "wd", "beta1", "beta2",
    "batch_size", "batchsize", "bs", "id", "ids", "uuid", "hash", "rank", "grad_norm", "gradnorm",
    "time", "timestamp", "runtime", "seconds", "secs", "minutes", "hours", "duration", "elapsed", "date", "datetime",
    "wall", "created", "started", "finished", "version", "fold", "replicate", "rep", "stderr", "std", "temperature",
    "weight_norm", "param_norm", "memory", "mem", "gpu", "throughput", "speed", "ms", "eta",
    "patience", "unnamed",
})  # fmt: skip
"""Neither x nor y: settings, ids, clocks, spreads."""
_NEVER_IN = ("_per_second", "per_sec", "_runtime", "hparams", "user_attrs", "system_attrs", "learning_rate", "lr-")
_UNITS = frozenset({"k", "m", "b", "g", "t", "million", "millions", "billion", "billions", "total", "count"})
COUNTS_FROM_ZERO = frozenset({"epoch", "epochs", "number", "trial", "round", "generation", "index"})
"""x that programs count from 0 and people from 1."""
STEPS = frozenset({"step", "steps", "iteration", "iterations", "iter", "iters", "updates", "s", "it"})
"""x of the log of one run."""
SEEDS = frozenset(
    {"seed", "seeds", "fold", "replicate", "rep", "repeat", "trial", "init", "id", "ids", "uuid", "index", "rank"}
)
"""Columns that tell repetitions apart, not curves."""
CLOCKS = frozenset(
    {"time", "timestamp", "runtime", "seconds", "date", "datetime", "wall", "created", "duration", "elapsed"}
)
STATES = frozenset(
    {"finished", "complete", "completed", "crashed", "failed", "fail", "killed", "running", "pruned", "done"}
)
"""Values of a column of states, such as W&B's State."""


def pieces(name: str) -> list[str]:
    """The words of a column name in lower case: n_tokens, val/loss, evalLoss, 'Wall time'."""
    split = re.sub(r"([a-z])([A-Z])", r"\1 \2", name)
    return [word for word in re.split(r"[^a-z0-9]+", split.lower()) if word]


@lru_cache(maxsize=4096)
def says(name: str, words: frozenset[str]) -> bool:
    """Whether one of the words, or two of them joined, stands in a name; long words also inside another."""
    found = pieces(name)
    if not words.isdisjoint(found) or "".join(found) in words:
        return True
    if any(f"{a}_{b}" in words for a, b in pairwise(found)):
        return True
    low = name.lower()
    return any(word in low for word in _LONG.get(words, ())) if words in _LONG else False


def unit_in(name: str) -> float | None:
    """The unit that a name ends in: 1e9 for tokens_B, 'tokens (B)' or 'tokens in billions'; None where it has none."""
    found = _UNIT.search(name)
    return None if found is None else _SCALES[found[1].lower()[0]]


def never(name: str) -> bool:
    """Whether a column of this name is neither x nor y; Optuna's params_* are not, params_M (millions) is an x."""
    low, found = name.lower(), pieces(name)
    if any(f"{a}_{b}" in RESOURCES for a, b in pairwise(found)):
        return False
    optuna = low.startswith("params_") and not _UNITS.issuperset(found[1:])
    return optuna or says(name, NEVER) or any(part in low for part in _NEVER_IN)


_UNIT = re.compile(r"(?:[_\s(\[/]|\bin )(k|K|M|B|G|T|bn|thousands?|millions?|billions?|trillions?)[)\]]?$")
_SCALES = {"k": 1e3, "m": 1e6, "b": 1e9, "g": 1e9, "t": 1e12}
_LONG = {
    RESOURCES: (
        "tokens",
        "examples",
        "sequences",
        "documents",
        "iteration",
        "epoch",
        "compute",
        "parameter",
        "step",
        "flop",
    ),
    LOSSES: ("loss", "error", "perplexity", "entropy", "rmse"),
}
"""Words that are clear enough to count inside a longer one, as in `trainloss`."""
