"""More real curves for development, from the data folder: single curves, joint runs, and recipes at common x.

Curves of one suite are correlated: average over its curves, then over suites, and draw suites for an error bar.
"""

from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import forescale as fs

from ..problem import Problem
from .folder import data_folder

if TYPE_CHECKING:
    import pandas as pd

FEW = ("gadre_ood_tokens", "obs_family_err", "few_timm_family", "few_tabular_auc")
"""The suites of finished runs with 3 to 6 points a curve; the others are longer."""
LIKE = ("moe_steps", "moe_params", "moe_experts", "gemstones", "farseer", "porian", "pythia", "rl_depth")
"""Sources of `recipes` whose members are alike (sizes, routers, shapes); `lcdb` compares unlike learners."""


@cache
def table(name: str, folder: str | Path | None = None) -> "pd.DataFrame":
    """One file of the data folder as it is: "world.csv", "joint.csv", "recipes.csv.gz", "chinchilla.csv".

    Raises:
        MissingData: the folder is not there.
    """
    import pandas as pd

    return pd.read_csv(data_folder(folder) / name)


def world(folder: str | Path | None = None) -> Iterator[Problem]:
    """Every curve of world.csv with its hidden points; `suite` names its suite.

    Raises:
        MissingData: the folder is not there.
    """
    for (suite, name), rows in table("world.csv", folder).groupby(["suite", "curve"], sort=False):
        seen, hidden = rows[rows["split"] == "context"], rows[rows["split"] == "target"]
        context = fs.Curve(seen["x"].to_numpy(float), seen["y"].to_numpy(float), name=str(name))
        yield Problem(str(suite), str(name), context, hidden["x"].to_numpy(float), hidden["y"].to_numpy(float))
