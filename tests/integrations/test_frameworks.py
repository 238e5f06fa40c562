"""The adaptors inside the real frameworks: `pip install -e ".[integrations]"`, then `pytest -m slow`."""

import os

import numpy as np
import pytest

os.environ.setdefault("KERAS_BACKEND", "torch")
pytestmark = pytest.mark.slow


def test_hugging_face_logs_the_forecast_for_every_other_callback(tmp_path):
    transformers = pytest.importorskip("transformers")
    torch = pytest.importorskip("torch")
    from forescale.integrations.huggingface import ForecastCallback

    class Line(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x, labels):
            return {"loss": 0.1 + ((self.layer(x)[:, 0] - labels) ** 2).mean()}

    class Seen(transformers.TrainerCallback):
        def __init__(self):
            self.logs = []

        def on_log(self, args, state, control, logs=None, **kwargs):
            self.logs.append(dict(logs))

    torch.manual_seed(0)
    rows = [{"x": torch.randn(4), "labels": torch.randn(())} for _ in range(64)]
    arguments = transformers.TrainingArguments(
        tmp_path, max_steps=200, logging_steps=5, report_to=[], save_strategy="no", use_cpu=True, disable_tqdm=True
    )
    trainer = transformers.Trainer(Line(), arguments, train_dataset=rows, callbacks=[seen := Seen()])
    ForecastCallback().attach(trainer)
    trainer.train()
    answered = [logs for logs in seen.logs if "forecast/loss" in logs]
    assert len(answered) >= 10
    assert all(logs["forecast/loss_q05"] < logs["forecast/loss"] < logs["forecast/loss_q95"] for logs in answered)


def test_lightning_without_an_end_is_trained_and_said(tmp_path):
    lightning = pytest.importorskip("lightning")
    from forescale.integrations.lightning import ForecastCallback

    class Endless:
        estimated_stepping_batches = float("inf")

    callback = ForecastCallback()
    with pytest.warns(UserWarning, match="no forecast of a run without an end"):
        callback.on_train_start(Endless(), lightning.LightningModule())
    assert callback.watch is None


def test_lightning_writes_the_forecast_to_the_logger(tmp_path):
    lightning = pytest.importorskip("lightning")
    torch = pytest.importorskip("torch")
    from forescale.integrations.lightning import ForecastCallback

    class Line(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch, index):
            return 0.1 + ((self.layer(batch[0])[:, 0] - batch[1]) ** 2).mean()

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.01)

    torch.manual_seed(0)
    data = torch.utils.data.TensorDataset(torch.randn(200, 4), torch.randn(200))
    logger = lightning.pytorch.loggers.CSVLogger(tmp_path)
    trainer = lightning.Trainer(
        max_epochs=1, accelerator="cpu", logger=logger, callbacks=[ForecastCallback()], enable_progress_bar=False,
        enable_checkpointing=False, enable_model_summary=False, log_every_n_steps=1000,
    )  # fmt: skip
    trainer.fit(Line(), torch.utils.data.DataLoader(data, batch_size=1))
    logger.save()
    header, *rows = (tmp_path / "lightning_logs" / "version_0" / "metrics.csv").read_text().splitlines()
    assert "forecast/loss_q05" in header
    assert len(rows) >= 10


def test_keras_keeps_the_forecast_in_its_history():
    keras = pytest.importorskip("keras")
    from forescale.integrations.keras import ForecastCallback

    rng = np.random.default_rng(0)
    model = keras.Sequential([keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    x = rng.normal(size=(64, 4))
    history = model.fit(
        x, x[:, :1] + 0.1 * rng.normal(size=(64, 1)), epochs=40, verbose=0, callbacks=[ForecastCallback()]
    )
    assert 10 <= len(history.history["forecast/loss"]) <= 16


@pytest.mark.parametrize("direction", ["minimize", "maximize"])
def test_optuna_ends_hopeless_trials_and_keeps_the_best(direction):
    optuna = pytest.importorskip("optuna")
    from forescale.integrations.optuna import ForecastPruner

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    higher = direction == "maximize"
    steps_run = 0

    def objective(trial):
        nonlocal steps_run
        floor = trial.suggest_float("floor", 0.1, 0.9)
        rng = np.random.default_rng(trial.number)
        for step in range(1, 41):
            error = (floor + (1 - floor) * step**-0.7) * np.exp(0.01 * rng.normal())
            reading = 1 - error if higher else error
            trial.report(reading, step)
            steps_run += 1
            if trial.should_prune():
                raise optuna.TrialPruned
        return reading

    study = optuna.create_study(
        direction=direction, sampler=optuna.samplers.RandomSampler(seed=0), pruner=ForecastPruner(n_steps=40)
    )
    study.optimize(objective, n_trials=25)
    best_floor = min(trial.params["floor"] for trial in study.trials)
    assert study.best_params["floor"] == best_floor
    assert steps_run < 0.7 * 25 * 40
