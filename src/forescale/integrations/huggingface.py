"""Hugging Face's Trainer: `ForecastCallback().attach(trainer)` before `trainer.train()`.

The answers stand among the logs of the trainer, so that every other callback (W&B, TensorBoard, ...) writes them too;
for that this one has to be asked first, and `attach` puts it there.
"""

from typing import Any

from transformers import TrainerCallback

from .adaptor import noted
from .watch import Watch


class ForecastCallback(TrainerCallback):
    """Forecasts the end of the run from what the trainer logs.

    Args:
        metric: which log is read, "loss" (the mean since the last log) or "eval_loss".
        options: start, every, warm_up, method of `fs.watch`.
    """

    def __init__(self, metric: str = "loss", **options: Any):
        self.metric = metric
        self.options = options
        self.watch: Watch | None = None

    def attach(self, trainer: Any) -> "ForecastCallback":
        """Puts itself before all other callbacks of a trainer."""
        trainer.callback_handler.callbacks.insert(0, self)
        return self

    def on_train_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
        self.watch = Watch(state.max_steps, name=self.metric, **self.options)

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, Any] | None = None, **kwargs: Any) -> None:
        if self.watch is not None and logs is not None and self.metric in logs:
            value, rate = float(logs[self.metric]), logs.get("learning_rate")
            logs.update(noted(self.watch, state.global_step, value, rate))
