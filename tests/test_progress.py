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


def test_a_pipe_that_is_a_log_sees_tenths_and_what_was_told():
    code = (
        "from forescale import progress\n"
        "with progress.shown('batch', logged=True):\n"
        "    for n in progress.counted(range(20), 20, 'part'): progress.tell(f'{n * 100:,} groups')\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stderr.splitlines()[::8] == [
        "batch: part 3 of 20, 100 groups, 0 s",
        "batch: part 19 of 20, 1,700 groups, 0 s",
    ]
    assert len(done.stderr.splitlines()) == 9


def test_counting_hands_on_every_item_and_leaves_nothing_behind():
    assert list(progress.counted("abc", 3, "letter")) == ["a", "b", "c"]
    assert progress._counts == []
