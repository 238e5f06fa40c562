"""How far a long answer has come: seen on a terminal, and nowhere else."""

import os
import pty
import subprocess
import sys

from forescale import progress

SLOW = (
    "import time, sys; from forescale import progress; progress.PATIENCE = 0.2\n"
    "with progress.shown('backtest'):\n"
    "    for _ in progress.counted(range(3), 3, 'method'): time.sleep(0.5)\n"
    "print('done')"
)


def test_a_terminal_sees_how_far_it_is_and_the_line_goes():
    parent, child = pty.openpty()
    done = subprocess.run([sys.executable, "-c", SLOW], stderr=child, stdout=subprocess.PIPE, text=True, check=True)
    os.close(child)
    seen = os.read(parent, 100_000).decode()
    assert done.stdout == "done\n"
    assert "backtest: method 2 of 3, " in seen
    assert seen.endswith("\r")
    assert seen.rsplit("\r", 2)[1].strip() == "", "the line is wiped at the end"


def test_a_pipe_sees_nothing():
    done = subprocess.run([sys.executable, "-c", SLOW], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("done\n", "")


def test_counting_hands_on_every_item_and_leaves_nothing_behind():
    assert list(progress.counted("abc", 3, "letter")) == ["a", "b", "c"]
    assert progress._counts == []
