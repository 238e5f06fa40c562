"""Writes the small stores beside this file, each by the tracker's own library; run in an environment that has them.

    pip install tensorboard "wandb==0.31" mlflow optuna dvclive trackio comet_ml
    python tests/data/trackers/make.py

The folders wandb-0.* hold what `make.py wandb` wrote with those releases (0.12.21 wants setuptools<70, protobuf<4).

Two runs each, a loss that follows 2 + (step / 100)^-.5 read every 100 steps, so that a test knows every number.
"""

import os
import shutil
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

HERE = Path(__file__).resolve().parent
RUNS = {"small": 2.0, "large": 1.5}
STEPS = range(100, 1300, 100)


def loss(floor: float, step: int) -> float:
    return floor + (step / 100) ** -0.5


def tensorboard(folder: Path) -> None:
    """Both value styles: `simple_value` (TensorFlow 1, PyTorch) and scalar tensors (TensorFlow 2)."""
    from tensorboard.compat.proto.event_pb2 import Event
    from tensorboard.compat.proto.summary_pb2 import Summary, SummaryMetadata
    from tensorboard.compat.proto.tensor_pb2 import TensorProto
    from tensorboard.compat.proto.tensor_shape_pb2 import TensorShapeProto
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for name, floor in RUNS.items():
        writer = EventFileWriter(str(folder / name))
        for step in STEPS:
            value = loss(floor, step)
            if name == "small":
                value_of = Summary.Value(tag="train/loss", simple_value=value)
            else:
                metadata = SummaryMetadata(plugin_data=SummaryMetadata.PluginData(plugin_name="scalars"))
                tensor = TensorProto(dtype=1, tensor_shape=TensorShapeProto(), float_val=[value])
                value_of = Summary.Value(tag="train/loss", tensor=tensor, metadata=metadata if step == 100 else None)
            writer.add_event(Event(step=step, wall_time=1.7e9 + step, summary=Summary(value=[value_of])))
            rate = Summary.Value(tag="lr", simple_value=1e-3)
            writer.add_event(Event(step=step, wall_time=1.7e9 + step, summary=Summary(value=[rate])))
        writer.close()


def tensorboard_restart(folder: Path) -> None:
    """A session that ended at step 800, one lower at each reading, and the next, which says that it starts at 500."""
    from tensorboard.compat.proto.event_pb2 import Event, SessionLog
    from tensorboard.compat.proto.summary_pb2 import Summary
    from tensorboard.summary.writer.event_file_writer import EventFileWriter

    for session, steps in enumerate((range(100, 900, 100), range(500, 1300, 100))):
        writer = EventFileWriter(str(folder / "small"), filename_suffix=f".{session}")
        if session:
            writer.add_event(Event(step=500, wall_time=1.8e9, session_log=SessionLog(status=SessionLog.START)))
        for step in steps:
            value = Summary.Value(tag="train/loss", simple_value=loss(RUNS["small"], step) - 1 + session)
            writer.add_event(Event(step=step, wall_time=1.7e9 + 1e8 * session + step, summary=Summary(value=[value])))
        writer.close()


def wandb(folder: Path) -> None:
    os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_DIR": str(folder)}
    import wandb

    for name, floor in RUNS.items():
        run = wandb.init(project="p", name=name, config={"width": 64}, dir=str(folder))
        for step in STEPS:
            run.log(
                {"train/loss": loss(floor, step), "tokens": 1000 * step, "eval": {"loss": loss(floor, step)}}, step=step
            )
        run.finish()
    for path in sorted(folder.rglob("*")):  # only the log itself is read
        if path.is_symlink() or (path.is_file() and path.suffix != ".wandb"):
            path.unlink()


def mlflow(folder: Path) -> None:
    import mlflow

    def fill() -> None:
        mlflow.set_experiment("scaling")
        for name, floor in RUNS.items():
            with mlflow.start_run(run_name=name):
                mlflow.log_param("width", 64)
                for step in STEPS:
                    mlflow.log_metric("train/loss", loss(floor, step), step=step)

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    mlflow.set_tracking_uri((folder / "mlruns").as_uri())
    fill()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    fill()


def mlflow_odd(folder: Path) -> None:
    """Nested runs, one with a model that repeats its metrics; a deleted run and a deleted experiment; odd readings."""
    import mlflow

    def fill() -> None:
        mlflow.set_experiment("scaling")
        with mlflow.start_run(run_name="parent"):
            for name, floor in RUNS.items():
                with mlflow.start_run(run_name=name, nested=True):
                    mlflow.log_param("width", 64)
                    model = mlflow.initialize_logged_model(name="m")
                    for step in STEPS:
                        mlflow.log_metric("train/loss", loss(floor, step), step=step, model_id=model.model_id)
                    for value in (float("nan"), float("inf"), 1.0):
                        mlflow.log_metric("odd", value, step=-3)
        with mlflow.start_run(run_name="deleted") as run:
            mlflow.log_metric("train/loss", 9.0, step=1)
        mlflow.delete_run(run.info.run_id)
        experiment = mlflow.set_experiment("given up")
        with mlflow.start_run(run_name="of a deleted experiment"):
            mlflow.log_metric("train/loss", 9.0, step=1)
        mlflow.delete_experiment(experiment.experiment_id)

    os.environ["MLFLOW_ALLOW_FILE_STORE"] = "true"
    mlflow.set_tracking_uri((folder / "mlruns").as_uri())
    fill()
    for path in folder.rglob("tags/mlflow.s*"):  # who ran it, and from where
        path.unlink()
    mlflow.set_tracking_uri(f"sqlite:///{folder / 'mlflow.db'}")
    fill()


def optuna(folder: Path) -> None:
    import optuna

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    study = optuna.create_study(study_name="s", storage=f"sqlite:///{folder / 'optuna.db'}")
    for floor in RUNS.values():
        trial = study.ask()
        trial.suggest_float("lr", 1e-4, 1e-2)
        for step in STEPS:
            trial.report(loss(floor, step), step)
        study.tell(trial, loss(floor, STEPS[-1]))


def optuna_journal(folder: Path) -> None:
    """Two trials of a study and one that failed, and a study that was deleted."""
    import optuna
    from optuna.storages.journal import JournalFileBackend

    optuna.logging.set_verbosity(optuna.logging.ERROR)
    storage = optuna.storages.JournalStorage(JournalFileBackend(str(folder / "journal.log")))
    study = optuna.create_study(study_name="s", storage=storage)
    for floor in RUNS.values():
        trial = study.ask()
        trial.suggest_float("lr", 1e-4, 1e-2)
        trial.suggest_categorical("optimiser", ["adam", "sgd"])
        for step in STEPS:
            trial.report(loss(floor, step), step)
        trial.report(float("nan"), STEPS[-1] + 100)
        study.tell(trial, loss(floor, STEPS[-1]))
    study.tell(study.ask(), state=optuna.trial.TrialState.FAIL)
    other = optuna.create_study(study_name="given up", storage=storage)
    other.ask().report(9.0, 1)
    optuna.delete_study(study_name="given up", storage=storage)


def dvclive(folder: Path) -> None:
    from dvclive import Live

    for name, floor in RUNS.items():
        live = Live(str(folder / name), save_dvc_exp=False, report=None)
        for step in STEPS:
            live.step = step
            live.log_metric("train/loss", loss(floor, step))
        live.end()


def trackio(folder: Path) -> None:
    os.environ |= {"TRACKIO_DIR": str(folder), "HF_HUB_OFFLINE": "1"}
    import trackio

    for name, floor in RUNS.items():
        trackio.init(project="p", name=name, config={"width": 64})
        for step in STEPS:
            trackio.log({"train/loss": loss(floor, step)}, step=step)
        trackio.finish()
        time.sleep(2)


def comet(folder: Path) -> None:
    import comet_ml

    for name, floor in RUNS.items():
        run = comet_ml.OfflineExperiment(
            project_name="p", workspace="w", offline_directory=str(folder), display_summary_level=0,
            log_env_details=False, log_code=False, log_git_metadata=False, log_git_patch=False,
        )  # fmt: skip
        run.set_name(name)
        for step in STEPS:
            run.log_metric("train/loss", loss(floor, step), step=step)
        run.end()


def shrink(path: Path) -> None:
    """A SQLite store without its empty tables and indices: the rows that are read stay as they were written."""
    import sqlite3

    with sqlite3.connect(path) as store:
        store.execute("pragma foreign_keys = off")
        tables = [name for (name,) in store.execute("select name from sqlite_master where type = 'table'")]
        for name in tables:
            if not name.startswith("sqlite_") and not store.execute(f'select 1 from "{name}" limit 1').fetchone():
                store.execute(f'drop table "{name}"')
        indices = "select name from sqlite_master where type = 'index' and sql is not null"
        for (name,) in store.execute(indices).fetchall():
            store.execute(f'drop index "{name}"')
    store.execute("vacuum")
    store.close()


MAKERS: tuple[Callable[[Path], None], ...] = (
    tensorboard, tensorboard_restart, wandb, mlflow, mlflow_odd, optuna, optuna_journal, dvclive, trackio, comet,
)  # fmt: skip

if __name__ == "__main__":
    wanted = set(sys.argv[1:])
    for make in MAKERS:
        if wanted and make.__name__ not in wanted:
            continue
        with tempfile.TemporaryDirectory() as scratch:
            made = Path(scratch) / make.__name__
            made.mkdir()
            os.chdir(scratch)  # some libraries leave files where they are called
            make(made)
            for path in made.rglob("*.db"):
                shrink(path)
            shutil.rmtree(HERE / make.__name__, ignore_errors=True)
            shutil.copytree(made, HERE / make.__name__)
