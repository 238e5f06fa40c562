"""The loss of a planned run in three parts: what is irreducible, what more parameters buy, what more tokens buy."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..forecasts.quantity import Quantity
from .base import Model


@dataclass(frozen=True)
class Parts:
    """Noise-free loss of one model, and its parts under the law; the parts add up to the loss draw by draw.

    Attributes:
        loss: at N and D, under the law.
        irreducible: E, the law's floor.
        from_params: what infinitely many parameters would take away at the same tokens.
        from_tokens: what is left to more tokens.
    """

    loss: Quantity
    irreducible: Quantity
    from_params: Quantity
    from_tokens: Quantity

    @property
    def quantities(self) -> dict[str, Quantity]:
        """By name, in the order of the table."""
        return {
            "loss": self.loss, "irreducible": self.irreducible, "from_params": self.from_params,
            "from_tokens": self.from_tokens,
        }  # fmt: skip


def parts(model: Model, params: float, tokens: float) -> Parts:
    """Read from the draws of the model's law."""
    law = model.speaking
    log_n, log_d = np.array([np.log(params)]), np.array([np.log(tokens)])
    loss = np.exp(law.log_loss(log_n, log_d))[:, 0]
    a, b = (np.exp(term)[:, 0] for term in law.log_terms(log_n, log_d))
    # With k = 1 these are the two terms; else what is left with one of them gone, the tokens' part first.
    from_tokens = np.where(law.k == 1, b, np.minimum(b, loss - law.E))
    from_params = np.where(law.k == 1, a, loss - law.E - from_tokens)
    unit = "unit of loss"
    return Parts(Quantity(loss, unit), Quantity(law.E, unit), Quantity(from_params, unit), Quantity(from_tokens, unit))
