"""Lightning: `Trainer(callbacks=[ForecastCallback()])`.

The answers go to `trainer.logger` and not through `log_dict`, which drops what falls between two logging steps.
"""

import math
import warnings
from typing import Any

try:
    from lightning.pytorch.callbacks import Callback
except ImportError:  # the older name of the same package
    from pytorch_lightning.callbacks import Callback

from .adaptor import noted
from .watch import Watch


class ForecastCallback(Callback):
    """Forecasts the end of the run from the loss of each batch, or from a metric that the module logs.

    Args:
        metric: a name among the module's logged metrics; None reads the loss that `training_step` returns.
        options: start, every, warm_up, method of `fs.watch`.
    """

    def __init__(self, metric: str | None = None, **options: Any):
        self.metric = metric
        self.options = options
        self.watch: Watch | None = None

    def on_train_start(self, trainer: Any, pl_module: Any) -> None:
        total = float(trainer.estimated_stepping_batches)
        if math.isinf(total):
            warnings.warn(
                "no forecast of a run without an end. Give the trainer max_epochs or max_steps.", stacklevel=2
            )
            return
        self.watch = Watch(total, name=self.metric or "loss", **self.options)

    def on_train_batch_end(self, trainer: Any, pl_module: Any, outputs: Any, batch: Any, batch_idx: int) -> None:
        value = self._reading(trainer, outputs)
        if self.watch is None or value is None:
            return
        rate = trainer.optimizers[0].param_groups[0]["lr"] if trainer.optimizers else None
        metrics = noted(self.watch, trainer.global_step, float(value), rate)
        for logger in trainer.loggers if metrics else ():
            logger.log_metrics(metrics, step=trainer.global_step)

    def _reading(self, trainer: Any, outputs: Any) -> Any:
        if self.metric is not None:
            return trainer.callback_metrics.get(self.metric)
        return outputs.get("loss") if isinstance(outputs, dict) else outputs
