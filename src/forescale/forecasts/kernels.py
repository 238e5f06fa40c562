"""Shapes of one component of a mixture, each with scale one: logistic, normal and Student-t."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, cast

import numpy as np

from ..numerics import Floats, logit

KernelName = Literal["logistic", "normal", "student"]


@dataclass(frozen=True)
class Kernel:
    log_pdf: Callable[[Floats, float], Floats]
    cdf: Callable[[Floats, float], Floats]
    quantile: Callable[[Floats, float], Floats]
    std: Callable[[float], float]
    draw: Callable[[np.random.Generator, tuple[int, ...], float], Floats]


def _logistic_log_pdf(z: Floats, _df: float) -> Floats:
    a = np.abs(z)
    return -a - 2.0 * np.log1p(np.exp(-a))


def _logistic_cdf(z: Floats, _df: float) -> Floats:
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1.0 / (1.0 + e), e / (1.0 + e))


def _logistic_quantile(p: Floats, _df: float) -> Floats:
    return logit(p)


def _normal_log_pdf(z: Floats, _df: float) -> Floats:
    return cast("Floats", -0.5 * z * z - 0.5 * np.log(2 * np.pi))


def _normal_cdf(z: Floats, _df: float) -> Floats:
    from scipy.special import ndtr

    return np.asarray(ndtr(z))


def _normal_quantile(p: Floats, _df: float) -> Floats:
    from scipy.special import ndtri

    return np.asarray(ndtri(p))


def _student_log_pdf(z: Floats, df: float) -> Floats:
    from scipy.special import gammaln

    norm = gammaln((df + 1) / 2) - gammaln(df / 2) - 0.5 * np.log(df * np.pi)
    return np.asarray(norm - (df + 1) / 2 * np.log1p(z * z / df))


def _student_cdf(z: Floats, df: float) -> Floats:
    from scipy.special import stdtr

    return np.asarray(stdtr(df, z))


def _student_quantile(p: Floats, df: float) -> Floats:
    from scipy.special import stdtrit

    return np.asarray(stdtrit(df, p))


KERNELS: dict[str, Kernel] = {
    "logistic": Kernel(
        _logistic_log_pdf,
        _logistic_cdf,
        _logistic_quantile,
        lambda _: float(np.pi / np.sqrt(3)),
        lambda g, s, _: g.logistic(size=s),
    ),
    "normal": Kernel(
        _normal_log_pdf,
        _normal_cdf,
        _normal_quantile,
        lambda _: 1.0,
        lambda g, s, _: g.normal(size=s),
    ),
    "student": Kernel(
        _student_log_pdf,
        _student_cdf,
        _student_quantile,
        lambda df: float(np.sqrt(df / (df - 2))) if df > 2 else float("inf"),
        lambda g, s, df: g.standard_t(df, size=s),
    ),
}
