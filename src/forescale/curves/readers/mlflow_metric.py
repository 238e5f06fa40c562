"""One metric of an MLflow run as its file store keeps it: lines of time stamp, value and step, without a header."""

import re

from .base import Column, Reader, Source, Table

_LINE = re.compile(r"\d{10,14} \S+ \d+")


class MlflowMetric(Reader):
    """mlruns/<experiment>/<run>/metrics/<name>."""

    name = "MLflow metric files"

    def can_read(self, source: Source) -> bool:
        return bool(source.lines) and all(_LINE.fullmatch(line.strip()) for line in source.lines)

    def read(self, source: Source) -> Table:
        rows = [line.split() for line in (source.text or "").splitlines() if line.strip()]
        name = source.path.name if source.path is not None else "value"
        times, values, steps = ([row[i] for row in rows] for i in (0, 1, 2))
        columns = {"timestamp": Column(times), "step": Column(steps), name: Column(values)}
        return Table(columns, source.origin, x="step", y=name)
