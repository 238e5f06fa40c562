"""The README's shell section runs as it stands, and prints what it says."""

from tools import readme


def test_the_shell_section_runs_as_it_stands(tmp_path):
    for line in readme.shell_lines():
        assert readme.run(line, tmp_path), line
    assert (tmp_path / "runs.csv").exists()


def test_the_printed_answer_is_what_is_printed():
    assert readme.printed() in readme.README.read_text(), "python -m tools readme"
