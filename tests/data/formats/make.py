"""Writes the files of this folder with the tools whose formats they are; run once, `python tests/data/formats/make.py`.

Needs pandas, scikit-learn, optuna, openpyxl, keras, pytorch_lightning, transformers and accelerate; if one is missing
its file stays as stored. Exports of web pages (W&B, TensorBoard, the harness) are written as the pages write them.
"""

import gzip
import json
import os
from pathlib import Path

import numpy as np

HERE = Path(__file__).parent
STEPS = np.arange(100, 1300, 100)
LOSS = 2 + (STEPS / 100) ** -0.5
"""What every file says, where the tool lets us choose: twelve readings, loss 3 to 2.29."""


def from_pandas() -> None:
    import pandas as pd

    frame = pd.DataFrame({"step": STEPS, "loss": LOSS.round(5)})
    frame.to_csv(HERE / "pandas.csv", index=False)
    frame.to_csv(HERE / "pandas-index.csv")
    frame.to_csv(HERE / "pandas.tsv", sep="\t", index=False)
    frame.to_csv(HERE / "pandas-german.csv", sep=";", decimal=",", index=False)
    frame.to_csv(HERE / "pandas.csv.gz", index=False)
    frame.to_csv(HERE / "excel-unicode.txt", sep="\t", index=False, encoding="utf-16")
    frame.rename(columns={"loss": "loss é"}).to_csv(HERE / "latin-1.csv", index=False, encoding="latin-1")
    for orient in ("records", "columns", "split", "table", "index"):
        frame.to_json(HERE / f"pandas-{orient}.json", orient=orient)
    frame.to_json(HERE / "pandas.jsonl", orient="records", lines=True)
    frame.to_parquet(HERE / "pandas.parquet")
    frame.to_feather(HERE / "pandas.feather")
    frame.to_excel(HERE / "openpyxl.xlsx", index=False)
    (HERE / "pandas.md").write_text("# Results\n\nOur runs.\n\n" + _markdown(frame) + "\nThe end.\n")


def _markdown(frame) -> str:
    rows = [frame.columns, ["---:"] * 2, *frame.astype(str).values]
    return "".join(f"| {' | '.join(row)} |\n" for row in rows)


def from_numpy() -> None:
    table = np.c_[STEPS, LOSS]
    np.savetxt(HERE / "savetxt.dat", table, header="step loss", fmt=["%d", "%.5f"])
    np.savetxt(HERE / "savetxt.csv", table, header="step,loss", delimiter=",", fmt=["%d", "%.5f"])
    np.savez(HERE / "savez.npz", step=STEPS, loss=LOSS.round(5), note=np.array("a run"))


def from_sklearn() -> None:
    from sklearn.datasets import load_digits
    from sklearn.linear_model import LogisticRegression
    from sklearn.model_selection import learning_curve

    x, y = load_digits(return_X_y=True)
    sizes, train, test = learning_curve(
        LogisticRegression(max_iter=200), x, y, train_sizes=[60, 120, 240, 480, 960], cv=3, shuffle=True, random_state=0
    )
    np.savez(HERE / "sklearn.npz", train_sizes=sizes, train_scores=train, test_scores=test)
    columns = {"train_sizes": sizes.tolist(), "train_scores": train.tolist(), "test_scores": test.tolist()}
    (HERE / "sklearn.json").write_text(json.dumps(columns))


def from_optuna() -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    study.optimize(lambda trial: 0.3 + (trial.suggest_float("learning_rate", 1e-4, 1e-1, log=True) - 0.01) ** 2, 8)
    study.trials_dataframe().to_csv(HERE / "optuna.csv", index=False)


def from_keras() -> None:
    os.environ["KERAS_BACKEND"] = "torch"
    import keras

    rng = np.random.default_rng(0)
    x = rng.normal(size=(256, 4))
    y = (x.sum(1) > 0).astype(int)
    model = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1, activation="sigmoid")])
    model.compile(optimizer="sgd", loss="binary_crossentropy", metrics=["accuracy"])
    log = keras.callbacks.CSVLogger(str(HERE / "keras.csv"))
    history = model.fit(x, y, epochs=8, validation_split=0.25, callbacks=[log], verbose=0)
    (HERE / "keras-history.json").write_text(json.dumps(history.history))


def from_lightning() -> None:
    import pytorch_lightning as lightning
    import torch
    from pytorch_lightning.loggers import CSVLogger

    class Line(lightning.LightningModule):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def training_step(self, batch, _):
            loss = ((self.layer(batch[0])[:, 0] - batch[1]) ** 2).mean() + 0.1
            self.log("train_loss", loss)
            return loss

        def validation_step(self, batch, _):
            self.log("val_loss", ((self.layer(batch[0])[:, 0] - batch[1]) ** 2).mean() + 0.1)

        def configure_optimizers(self):
            return torch.optim.SGD(self.parameters(), 0.02)

    torch.manual_seed(0)
    x = torch.randn(256, 4)
    data = torch.utils.data.DataLoader(torch.utils.data.TensorDataset(x, x.sum(1)), batch_size=16)
    logger = CSVLogger(HERE, name="", version="lightning")
    trainer = lightning.Trainer(
        max_epochs=4, logger=logger, log_every_n_steps=5, accelerator="cpu", enable_progress_bar=False,
        enable_checkpointing=False, enable_model_summary=False,
    )  # fmt: skip
    trainer.fit(Line(), data, data)
    (HERE / "lightning" / "metrics.csv").rename(HERE / "lightning.csv")
    for path in (HERE / "lightning").iterdir():
        path.unlink()
    (HERE / "lightning").rmdir()


def from_hugging_face() -> None:
    import shutil

    import torch
    import transformers

    class Line(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.layer = torch.nn.Linear(4, 1)

        def forward(self, x, labels):
            return {"loss": 0.1 + ((self.layer(x)[:, 0] - labels) ** 2).mean(), "logits": self.layer(x)}

    torch.manual_seed(0)
    rows = [{"x": torch.randn(4), "labels": torch.randn(())} for _ in range(64)]
    arguments = transformers.TrainingArguments(
        HERE / "hf", max_steps=80, logging_steps=10, eval_strategy="steps", eval_steps=20, report_to=[], use_cpu=True,
        save_strategy="no", disable_tqdm=True,
    )  # fmt: skip
    trainer = transformers.Trainer(Line(), arguments, train_dataset=rows, eval_dataset=rows)
    trainer.train()
    trainer.state.save_to_json(str(HERE / "trainer_state.json"))
    shutil.rmtree(HERE / "hf", ignore_errors=True)


def as_web_pages_write_them() -> None:
    both = [(s, v, v - 0.1) for s, v in zip(STEPS.tolist(), LOSS.round(5).tolist(), strict=True)]
    names = [f"{run} - loss{end}" for run in ("small", "large") for end in ("", "__MIN", "__MAX")]
    head = ",".join(f'"{name}"' for name in ["Step", *names])
    rows = [f'"{s}","{a}","{a}","{a}","{b:.5f}","{b:.5f}","{b:.5f}"' for s, a, b in both]
    (HERE / "wandb-chart.csv").write_text("\n".join([head, *rows]) + "\n")
    grouped = head.replace("small - ", "width: 64 - ").replace("large - ", "width: 128 - ")
    (HERE / "wandb-grouped.csv").write_text("\n".join([grouped, *rows]) + "\n")
    states = ["finished"] * 5 + ["crashed"]
    runs = ['"Name","State","Notes","User","Tags","Created","Runtime","Sweep","n_params","lr","loss"']
    for i, (state, loss) in enumerate(zip(states, [3.9, 3.6, 3.35, 3.15, 3.0, 7.7], strict=True)):
        made, size = f"2025-01-0{i + 1}T10:00:00.000Z", f"{10 * 2**i}000000"
        cells = [f"run-{i}", state, "-", "me", "", made, str(3600 * i + 60), "", size, "0.001", f"{loss:.3f}"]
        runs.append(",".join(f'"{cell}"' for cell in cells))
    (HERE / "wandb-runs.csv").write_text("\n".join(runs) + "\n")
    lines = [f"{1.7e9 + 20 * i},{s},{v:.5f}" for i, (s, v, _) in enumerate([(0, 4.0, 0.0), *both])]
    (HERE / "run-small-tag-eval_loss.csv").write_text("\n".join(["Wall time,Step,Value", *lines]) + "\n")
    scalars = [[1.7e9 + 20 * i, s, v] for i, (s, v, _) in enumerate(both)]
    (HERE / "tensorboard.json").write_text(json.dumps(scalars))
    for i, (size, acc) in enumerate([("70m", 0.31), ("160m", 0.38), ("410m", 0.46), ("1b", 0.52)]):
        results = {
            "results": {
                "arc_easy": {"alias": "arc_easy", "acc,none": acc, "acc_stderr,none": 0.01,
                             "acc_norm,none": acc - 0.02, "acc_norm_stderr,none": 0.01},
            },
            "versions": {"arc_easy": 1.0}, "n-shot": {"arc_easy": 0},
            "config": {"model": "hf", "model_args": f"pretrained=EleutherAI/pythia-{size}",
                       "model_num_parameters": [70426624, 162322944, 405334016, 1011781632][i], "batch_size": "8"},
            "model_name": f"EleutherAI/pythia-{size}", "total_evaluation_time_seconds": "21.7",
        }  # fmt: skip
        folder = HERE / "lm_eval" / f"EleutherAI__pythia-{size}"
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "results_2025-01-01T10-00-00.json").write_text(json.dumps(results, indent=2))


def as_scripts_print() -> None:
    both = list(zip(STEPS.tolist(), LOSS.tolist(), strict=True))
    nano = [
        "number of parameters: 10.65M",
        *(f"iter {s}: loss {v:.4f}, time {30.5 + v:.2f}ms, mfu 4.81%" for s, v in both),
    ]
    (HERE / "nanogpt.log").write_text("\n".join(nano) + "\n")
    evals = [f"step {s}: train loss {v:.4f}, val loss {v + 0.05:.4f}" for s, v in both]
    (HERE / "nanogpt-eval.log").write_text("\n".join(evals) + "\n")
    hf = [
        f"{{'loss': {v:.4f}, 'grad_norm': {v / 2:.4f}, 'learning_rate': 5e-05, 'epoch': {s / 400:.2f}}}"
        for s, v in both
    ]
    (HERE / "hf-console.txt").write_text("\n".join(hf) + "\n")
    stamped = [
        f"2025-01-01 10:00:{i:02d},123 INFO train: step={s} loss={v:.4f} lr=3.0e-04" for i, (s, v) in enumerate(both)
    ]
    (HERE / "logging.log").write_text("\n".join(stamped) + "\n")
    llmc = [line for s, v in both for line in (f"s:{s} tel:{v:.4f}", f"s:{s} trl:{v + 0.02:.4f} lr:0.0003")]
    (HERE / "llm-c.log").write_text("\n".join(llmc) + "\n")
    mlflow = [f"{1700000000000 + 20 * i} {v:.5f} {s}" for i, (s, v) in enumerate(both)]
    (HERE / "mlflow_metric").write_text("\n".join(mlflow) + "\n")
    with gzip.open(HERE / "log.jsonl.gz", "wt") as f:
        f.write("\n".join(json.dumps({"step": s, "train": {"loss": round(v, 5)}}) for s, v in both) + "\n")
    for i, name in enumerate(("small", "large")):
        folder = HERE / "folder" / name
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "metrics.csv").write_text("step,loss\n" + "".join(f"{s},{v - 0.1 * i:.5f}\n" for s, v in both))
    (HERE / "folder" / "README.md").write_text("Two runs.\n")


if __name__ == "__main__":
    for make in (from_pandas, from_numpy, from_sklearn, from_optuna, from_keras, from_lightning, from_hugging_face,
                 as_web_pages_write_them, as_scripts_print):  # fmt: skip
        try:
            make()
        except ImportError as error:
            print(f"{make.__name__}: kept as stored, {error}")
