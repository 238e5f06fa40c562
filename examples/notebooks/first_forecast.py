# %% [markdown]
# # A first forecast
#
# Six finished runs, one each, and the question what a larger one will measure. Every answer shows its table and its
# picture unasked. This file is a notebook in `py:percent` form: open it with Jupyter (Jupytext) or VS Code.

# %%
import forescale as fs

tokens = [1e8, 2e8, 4e8, 8e8, 1.6e9, 3.2e9]
loss = [4.36, 3.93, 3.76, 3.45, 3.34, 3.12]
curve = fs.Curve(tokens, loss, x_name="tokens", y_name="loss", name="my runs")
fs.forecast(curve, at=["10B", "30B"])

# %% [markdown]
# The interval is the answer: nine of ten new readings at that x fall into the 90 % interval. How sure is a loss
# below 3?

# %%
forecast = fs.forecast(curve, at=["10B", "30B"])
forecast.prob_below(3.0).round(2)

# %% [markdown]
# ## What do others say?
#
# A forecast is trusted when the alternatives stand next to it.

# %%
fs.compare(curve, at="10B", methods=["pfn", "m2", "line"])

# %% [markdown]
# ## When is a loss of 2.8 reached?

# %%
fs.reach(curve, target=2.8)
