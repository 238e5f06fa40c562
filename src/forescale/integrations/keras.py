"""Keras: `model.fit(..., callbacks=[ForecastCallback()])`, one reading an epoch.

Within an epoch Keras shows running means, which are no readings; its means of whole epochs are.
"""

from typing import Any

import keras

from .adaptor import noted
from .watch import Watch


class ForecastCallback(keras.callbacks.Callback):
    """Forecasts the last epoch from the epochs so far; the answers stand in the logs and in `History`.

    Args:
        metric: which log is read, such as "loss" or "val_loss".
        options: start, every, warm_up, method of `fs.watch`.
    """

    def __init__(self, metric: str = "loss", **options: Any):
        super().__init__()
        self.metric = metric
        self.options = {"warm_up": 0.0, **options}
        self.watch: Watch | None = None

    def on_train_begin(self, logs: dict[str, Any] | None = None) -> None:
        self.watch = Watch(self.params["epochs"], name=self.metric, **self.options)

    def on_epoch_end(self, epoch: int, logs: dict[str, Any] | None = None) -> None:
        if self.watch is not None and logs is not None and self.metric in logs:
            logs.update(noted(self.watch, epoch + 1, float(logs[self.metric])))
