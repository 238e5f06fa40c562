"""Students of width n trained on T labels of known teachers: measured scaling curves with a known truth. Needs torch.

    f(x) = Σ_j a_j relu(v_j·x),  j ≤ n,  all of a and v free;  p = n d parameters are counted, as the theory counts them

All students of a teacher read the same minibatches, so the widths and their restarts are packed side by side into one
hidden layer and the teachers into one `bmm`: a step of 12 teachers with 44 students each costs some ten milliseconds.
The best step is chosen by the noiseless KL on validation inputs (an oracle: it removes the question of when to stop),
the score is the exact Bernoulli KL on fresh inputs. Measured, no theorem: docs/theory-proofs.md, §8.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any, cast

import numpy as np

from ..numerics import Floats
from ..theory import arguments
from ..theory.generator import Teachers, draw_teachers, kl_logits

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True)
class Grid:
    """What is simulated; stored in front of the rows, so that a resumed run can refuse another grid.

    Attributes:
        d, K: input dimension and Dirichlet-process scale of the teachers.
        widths: student widths n.
        samples: training-set sizes T; a smaller set is the head of a larger one.
        n_teachers: independent teachers, the unit of every bootstrap.
        restart_units: a width n is trained ceil(restart_units / n) times from other initial weights and the best on
            validation counts; narrow students need it, as a single unit often starts on the wrong side of its teacher.
        steps: Adam steps at the largest T; below it, fewer with the square root of T.
        learning_rate: at the start; it falls to 0 as a cosine.
        n_check: validation inputs; the score is on eight times as many.
        seed: of teachers, data, initial weights and minibatches.
    """

    d: int = 8
    K: float = 16.0
    widths: tuple[int, ...] = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
    samples: tuple[int, ...] = tuple(2**i for i in range(8, 18))
    n_teachers: int = 12
    restart_units: int = 16
    steps: int = 8000
    learning_rate: float = 0.02
    n_check: int = 2048
    seed: int = 0

    def __post_init__(self) -> None:
        arguments.above(0, K=self.K, learning_rate=self.learning_rate)
        counts = {k: v for k, v in asdict(self).items() if k not in ("K", "learning_rate", "seed")}
        arguments.whole(**counts)
        arguments.at_least(1, **counts)

    @property
    def students(self) -> tuple[int, ...]:
        """Widths with their restarts, as packed: each width as often as it is started."""
        return tuple(n for n in self.widths for _ in range(-(-self.restart_units // n)))

    def steps_for(self, n_samples: int) -> int:
        return max(1, round(self.steps * float(np.sqrt(n_samples / max(self.samples)))))

    def batch_for(self, n_samples: int) -> int:
        """Minibatch: 256 for small training sets, 1024 for large ones, never more than there is."""
        return min(n_samples, 256 if n_samples < 4096 else 512 if n_samples < 32768 else 1024)


def train_students(
    grid: Grid, n_samples: int, report: Callable[[int, int], None] | None = None
) -> list[dict[str, Any]]:
    """Train every width on T samples of every teacher; one row for each (teacher, width).

    Args:
        report: called with (step, steps) now and then.

    Returns:
        rows with teacher, n, T, p, C = pT, kl (nats, on fresh inputs), check_kl, best_step, trivial_kl (of always ½).
    """
    arguments.at_least(1, n_samples=n_samples)
    teachers = draw_teachers(np.random.default_rng([grid.seed, 0]), grid.n_teachers, d=grid.d, K=grid.K)
    x_BTD, y_BT, check, fresh = _data(grid, teachers, n_samples)
    students = _Students(grid, n_samples)
    best_step = students.fit(x_BTD, y_BT, check, grid.steps_for(n_samples), grid.batch_for(n_samples), report)
    check_kl, score = students.best_kl, students.kl(*fresh)
    member = np.array(grid.students)
    chosen = np.stack([_best(check_kl, np.flatnonzero(member == n)) for n in grid.widths], axis=1)
    kl, check_kl, step = (np.take_along_axis(v, chosen, axis=1) for v in (score, check_kl, best_step))
    trivial = kl_logits(fresh[1], np.zeros_like(fresh[1])).mean(axis=1)
    return [
        {
            "teacher": b, "n": n, "T": n_samples, "p": n * grid.d, "C": n * grid.d * n_samples,
            "kl": float(kl[b, g]), "check_kl": float(check_kl[b, g]), "best_step": int(step[b, g]),
            "trivial_kl": float(trivial[b]),
        }
        for b in range(grid.n_teachers)
        for g, n in enumerate(grid.widths)
    ]  # fmt: skip


def _data(
    grid: Grid, teachers: Teachers, n_samples: int
) -> tuple[Floats, Floats, tuple[Floats, Floats], tuple[Floats, Floats]]:
    """Training data, and (inputs, logits) to check on and to score on; a smaller T reads the head of a larger one."""
    x, y, sets = [], [], []
    for b in range(grid.n_teachers):
        one = teachers.take(slice(b, b + 1))
        of_x, of_y, of_check = (np.random.default_rng([grid.seed, 1 + i, b]) for i in range(3))
        x.append(of_x.standard_normal((n_samples, grid.d)))
        y.append(of_y.random(n_samples) < 0.5 + 0.5 * np.tanh(0.5 * one.logit(x[-1])[0]))
        fresh = of_check.standard_normal((9 * grid.n_check, grid.d))
        sets.append((fresh, one.logit(fresh)[0]))
    inputs, logits = (np.stack(v) for v in zip(*sets, strict=True))
    cut = grid.n_check
    return (np.stack(x), np.stack(y).astype(np.float64), (inputs[:, :cut], logits[:, :cut]),
            (inputs[:, cut:], logits[:, cut:]))  # fmt: skip


def _best(check_kl: Floats, columns: np.ndarray) -> np.ndarray:
    """For each teacher the column, among these restarts, that is best on validation."""
    return cast("Floats", columns[np.argmin(check_kl[:, columns], axis=1)])


class _Students:
    """The students of B teachers: G of them each, packed into W hidden units; float32."""

    def __init__(self, grid: Grid, n_samples: int) -> None:
        import torch

        self.torch, self.grid = torch, grid
        rng = np.random.default_rng([grid.seed, 7, n_samples])
        width_G = np.array(grid.students)
        owner_W, fan_W = np.repeat(np.arange(len(width_G)), width_G), np.repeat(width_G, width_G)
        direction = rng.standard_normal((grid.n_teachers, len(owner_W), grid.d)) / np.sqrt(grid.d)
        output = rng.choice([-1.0, 1.0], size=(grid.n_teachers, len(owner_W))) / np.sqrt(fan_W)
        self.mask_WG = torch.tensor(owner_W[:, None] == np.arange(len(width_G)), dtype=torch.float32)
        self.direction_BWD = torch.tensor(direction, dtype=torch.float32, requires_grad=True)
        self.output_BW = torch.tensor(output, dtype=torch.float32, requires_grad=True)
        self.order = rng
        self.best = [self.direction_BWD.detach().clone(), self.output_BW.detach().clone()]
        self.best_kl = np.full((grid.n_teachers, len(width_G)), np.inf)

    def logit(self, x_BND: torch.Tensor, direction: torch.Tensor, output: torch.Tensor) -> torch.Tensor:
        hidden = self.torch.bmm(x_BND, direction.transpose(1, 2)).relu()
        return self.torch.bmm(hidden, output[:, :, None] * self.mask_WG)

    def fit(
        self,
        x_BTD: Floats,
        y_BT: Floats,
        check: tuple[Floats, Floats],
        n_steps: int,
        batch: int,
        report: Callable[[int, int], None] | None,
    ) -> Floats:
        """Adam on the mean log loss of each student; keeps each student's best step and returns it, (B, G)."""
        torch = self.torch
        x_TBD = torch.tensor(x_BTD.transpose(1, 0, 2), dtype=torch.float32).contiguous()
        y_TB = torch.tensor(y_BT.T, dtype=torch.float32).contiguous()
        check_x = torch.tensor(check[0], dtype=torch.float32)
        adam = torch.optim.Adam([self.direction_BWD, self.output_BW], lr=self.grid.learning_rate, betas=(0.9, 0.99))
        best_step, every = np.zeros_like(self.best_kl), max(1, n_steps // 120)
        order, at = self.order.permutation(len(x_TBD)), 0
        for step in range(1, n_steps + 1):
            if at + batch > len(order):
                order, at = self.order.permutation(len(x_TBD)), 0
            rows = torch.from_numpy(order[at : at + batch])
            at += batch
            adam.param_groups[0]["lr"] = self.grid.learning_rate * 0.5 * (1 + np.cos(np.pi * (step - 1) / n_steps))
            x_BND = x_TBD[rows].transpose(0, 1)
            logit = self.logit(x_BND, self.direction_BWD, self.output_BW)
            y = y_TB[rows].T[:, :, None]
            loss = (torch.nn.functional.softplus(logit) - y * logit).mean(dim=1).sum()
            adam.zero_grad(set_to_none=True)
            loss.backward()
            adam.step()
            if step % every == 0 or step == n_steps:
                best_step[self._keep(check_x, check[1])] = step
                if report is not None:
                    report(step, n_steps)
        return best_step

    def _keep(self, check_x: torch.Tensor, truth: Floats) -> np.ndarray:
        """Remember the students that are better than ever; returns which, (B, G)."""
        now = [self.direction_BWD.detach(), self.output_BW.detach()]
        kl = self._kl(check_x, truth, *now)
        better = kl < self.best_kl
        self.best_kl = np.where(better, kl, self.best_kl)
        units = (self.torch.from_numpy(better.astype(np.float32)) @ self.mask_WG.T) > 0
        for kept, new in zip(self.best, now, strict=True):
            kept.copy_(self.torch.where(units.reshape(units.shape + (1,) * (new.ndim - 2)), new, kept))
        return better

    def kl(self, inputs: Floats, truth: Floats) -> Floats:
        """Mean KL of each best student against its teacher, (B, G), nats."""
        return self._kl(self.torch.tensor(inputs, dtype=self.torch.float32), truth, *self.best)

    def _kl(self, x: torch.Tensor, truth: Floats, direction: torch.Tensor, output: torch.Tensor) -> Floats:
        with self.torch.no_grad():
            a = self.torch.tensor(truth, dtype=self.torch.float32)[:, :, None]
            b = self.logit(x, direction, output)
            plus = self.torch.nn.functional.softplus
            # float32 loses about 1e-8 nats here, a thousandth of the smallest mean KL of the grid
            return (plus(b) - plus(a) - a.sigmoid() * (b - a)).mean(dim=1).double().numpy()
