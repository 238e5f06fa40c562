"""What a training run tells: a bar for people, lines of JSON for programs, and how it takes Ctrl-C."""

from __future__ import annotations

import json
import signal
import threading
from pathlib import Path
from types import FrameType, TracebackType
from typing import Any, Self

import numpy as np
import torch
from torch import Tensor

from ..errors import FitError

LOG_EVERY = 50
"""Steps whose mean makes one line of the log."""


class Monitor:
    """Sums over steps, one log line and one look at the bar every `LOG_EVERY` of them.

    A log that runs ahead of the checkpoint that is resumed loses the lines beyond it.
    """

    def __init__(
        self, path: Path, step: int, n_steps: int, names: tuple[str, ...] = ("run", "curve"), *, show: bool
    ) -> None:
        self._names = names
        path.write_text("".join(_lines_up_to(path, step)))
        self._file = path.open("a", buffering=1)
        self._bar = _bar(n_steps, step) if show else None
        self._smooth: float | None = None
        self._reset()

    def add(
        self,
        step: int,
        losses_K: Tensor,
        log_jacobian: tuple[float, ...],
        n_curves: int,
        seconds: float,
        drawing: float,
    ) -> None:
        """Takes one step: its losses in r, what takes them to ln y, curves, its time and the data's share.

        The losses stay on their device until a line is due: to fetch them at every step would stall a GPU.

        Raises:
            FitError: the losses since the last line are not finite.
        """
        self._losses.append(losses_K)
        self._jacobians.append(log_jacobian)
        self._curves += n_curves
        self._seconds += seconds
        self._drawing += drawing
        if step % LOG_EVERY:
            return
        mean_K = torch.stack(self._losses).cpu().numpy().mean(0) - np.mean(self._jacobians, axis=0)
        named = dict(zip(self._names, mean_K.tolist(), strict=True))
        check_finite(step, **named)
        run = float(mean_K[0])
        rate, share = self._curves / self._seconds, self._drawing / self._seconds
        rounded = {name: round(loss, 5) for name, loss in named.items()}
        self.write(step=step, **rounded, curves_per_s=round(rate, 1), data_share=round(share, 4))
        self._smooth = run if self._smooth is None else 0.8 * self._smooth + 0.2 * run
        if self._bar:
            told = {"loss": f"{self._smooth:.3f}", "rate": f"{rate:.0f}", "share": f"{share:.0%}"}
            self._bar.update(self._bar.task_ids[0], completed=step, **told)
        self._reset()

    def expect(self, n_steps: int) -> None:
        """The run is to have so many steps."""
        if self._bar:
            self._bar.update(self._bar.task_ids[0], total=n_steps)

    def write(self, **values: Any) -> None:
        self._file.write(json.dumps(values) + "\n")

    def _reset(self) -> None:
        self._losses: list[Tensor] = []
        self._jacobians: list[tuple[float, ...]] = []
        self._curves, self._seconds, self._drawing = 0, 0.0, 0.0

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._bar:
            self._bar.stop()
        self._file.close()


def _bar(n_steps: int, step: int) -> Any:
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = (
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("loss {task.fields[loss]} · {task.fields[rate]} curves/s · data {task.fields[share]}"),
        TimeRemainingColumn(),
    )
    bar = Progress(*columns, refresh_per_second=2)
    bar.add_task("", total=n_steps, completed=step, loss="…", rate="…", share="…")
    return bar


def check_finite(step: int, **losses: float) -> None:
    """Raises FitError where a loss is not finite: such weights must not replace a good checkpoint."""
    if not np.isfinite(sum(losses.values())):
        told = " and ".join(f"{loss} for {name}" for name, loss in losses.items())
        raise FitError(
            f"expected finite losses, got {told} (step {step}). Resume from the last "
            "checkpoint, or start again with lower learning rates."
        )


def _lines_up_to(path: Path, step: int) -> list[str]:
    """The lines of a log that do not run ahead of `step`; a line torn by a kill or damaged since is dropped."""
    lines = path.read_text(errors="replace").splitlines(keepends=True) if path.exists() else []
    return [line for line in lines if line.endswith("\n") and _step_of(line) <= step]


def _step_of(line: str) -> float:
    """The step that a line of the log is about; infinite where it cannot be read."""
    try:
        return float(json.loads(line)["step"])
    except (ValueError, TypeError, KeyError):
        return float("inf")


class Interruption:
    """While open, Ctrl-C and SIGTERM set `requested` instead of ending the process; a second one ends it."""

    def __init__(self) -> None:
        self.requested = False
        self._before: dict[int, Any] = {}

    def _note(self, number: int, _frame: FrameType | None) -> None:
        self.requested = True
        signal.signal(number, self._before[number])

    def __enter__(self) -> Self:
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                self._before[number] = signal.getsignal(number)
                signal.signal(number, self._note)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
