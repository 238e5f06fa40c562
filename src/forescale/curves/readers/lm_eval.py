"""Results of lm-evaluation-harness: one model a file, a row for each task; several files make a curve."""

import json
import re
from typing import Any

from ...errors import Caveat, CurveError
from .base import Reader, Source, Table

_STEP = re.compile(r"(?:revision=|step[-_]?|checkpoint[-_])(?:step)?(\d+)")


class LmEval(Reader):
    """`results_*.json` of lm_eval."""

    name = "lm-eval-harness results"

    def can_read(self, source: Source) -> bool:
        head = source.blob[:400_000]
        return source.suffix == ".json" and b'"results"' in head and (b'"n-shot"' in head or b'"versions"' in head)

    def read(self, source: Source) -> Table:
        try:
            document = json.loads(source.text or "")
            results = dict(document["results"])
        except (ValueError, KeyError, TypeError):
            raise CurveError(
                f"expected results of lm-eval-harness, got a file cut short ({source.origin}). Copy it again."
            ) from None
        model = _model(document)
        records = [{**model, "task": task, **_metrics(scores)} for task, scores in results.items()]
        note = Caveat("read_from", f"read lm-eval-harness results of {len(records)} tasks.")
        return Table.of_records(records, source.origin, group="task", notes=(note,), one_point=True)


def _model(document: dict[str, Any]) -> dict[str, Any]:
    """What is known of the model: its name, size, and the step of its checkpoint where the name says one."""
    config = document.get("config") or {}
    arguments = config.get("model_args") or ""
    text = arguments if isinstance(arguments, str) else ",".join(f"{k}={v}" for k, v in arguments.items())
    name = document.get("model_name") or text or config.get("model") or ""
    facts: dict[str, Any] = {"model": str(name)}
    size = config.get("model_num_parameters") or _size(f"{name} {text}")
    if size:
        facts["n_params"] = size
    step = _STEP.search(text) or _STEP.search(str(name))
    if step:
        facts["step"] = int(step[1])
    return facts


def _size(text: str) -> str | None:
    """A size in a name, such as the 160m of pythia-160m."""
    found = re.search(r"(?<![A-Za-z0-9])(\d+(?:\.\d+)?[mMbB])(?![A-Za-z0-9])", text)
    return found[1] if found else None


def _metrics(scores: dict[str, Any]) -> dict[str, Any]:
    """Metrics without the filter behind the comma, without spreads and texts."""
    out: dict[str, Any] = {}
    for key, value in scores.items():
        name = key.partition(",")[0]
        if isinstance(value, int | float) and not name.endswith("_stderr") and name != "sample_len":
            out.setdefault(name, value)
    return out
