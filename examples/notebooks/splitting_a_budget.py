# %% [markdown]
# # Splitting a budget
#
# How wide a network, and how many images, for a given budget? 630 networks over nine widths and fourteen sizes of the
# training set: parameters, examples and a loss, the table of a joint law.

# %%
from importlib.resources import files

import pandas as pd

import forescale as fs

runs = pd.read_csv(str(files("forescale") / "data" / "demo.csv"))
small = runs[runs["params"] * runs["examples"] <= 3e5]
joint = fs.fit_joint(small["params"], small["examples"], small["loss"], n_draws=500)
joint.allocate(flops=6 * 3e6)

# %% [markdown]
# The optimum is flat: the range of sizes within half a per cent of the best loss is the honest answer. Runs at that
# budget were made, and hidden from the fit:

# %%
near = runs[(runs["params"] * runs["examples"]).between(2.4e6, 3.6e6)]
near.groupby(["params", "examples"])["loss"].mean().sort_values().head(3)
