# %% [markdown]
# # Which recipe is the better one at scale?
#
# Four widths of a small network, trained on up to 460 digits; which of them is best with 1,200? The table is the demo's
# (`forescale demo --save runs.csv`); its larger runs are there to check the answer.

# %%
from importlib.resources import files

import forescale as fs

curves = fs.read_curves(files("forescale") / "data" / "demo.csv", x="examples", y="loss", group="recipe")
asked = {name: curves[name].cut(460)[0] for name in ("mlp-4", "mlp-8", "mlp-16", "mlp-32")}
answer = fs.recipes(asked, at=1200)
answer

# %% [markdown]
# ## What did the larger runs measure?

# %%
for name in asked:
    _, x, y = curves[name].cut(460)
    print(f"{name}: {y[x == 1200].mean():.3f} measured, {answer.forecasts[name].median[-1]:.3f} forecast")

# %% [markdown]
# ## Is a verdict worth anything here?
#
# `backtest` hides the largest runs that the question has, asks every method, and says whether the ranking can be told.

# %%
fs.backtest(asked, methods=["pfn", "m2", "line"])
