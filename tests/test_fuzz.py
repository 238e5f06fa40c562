"""Random tables through every command: an answer or one sentence; `python -m lab fuzz` asks 20,000 of them."""

import numpy as np
import pytest

from lab import fuzz


@pytest.mark.parametrize("seed", range(4))
def test_random_tables_are_answered_or_refused_in_one_sentence(seed, tmp_path):
    wrong = []
    for i in range(40):
        rng = np.random.default_rng([10_000 + seed, i])
        text, x, y, group = fuzz.draw_table(rng)
        path = tmp_path / f"{i}.csv"
        path.write_text(text)
        asked = fuzz.draw_command(rng, str(path), x, y, group)
        if asked[0] not in ("recipes", "allocate") and (found := fuzz.finding(asked)):  # slow ones: lab alone
            wrong.append((i, asked, found))
    assert wrong == []


@pytest.mark.parametrize(
    ("code", "out", "err", "finding"),
    [
        (0, '{"a": 1}', "warning: few", ""),
        (2, "", "forescale: expected x, got y. Do z.", ""),
        (2, "", "Traceback\nboom", "refused in 2 lines"),
        (1, "", "", "exit 1"),
        (0, '{"a": NaN}', "", "NaN or Infinity in JSON"),
        (0, "\x1b[31mred", "", "an escape sequence in the output"),
        (0, "", "", "exit 0 and nothing printed"),
    ],
)
def test_what_counts_as_a_finding(code, out, err, finding):
    assert fuzz.judged(code, out, err, is_json=True) == finding
