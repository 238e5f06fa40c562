"""The suite of trained students."""

from benchmark.suites.students import students


def test_students_are_curves_with_their_larger_half_hidden():
    problems = list(students("T", "n"))
    assert len(problems) > 5
    assert all(p.x.min() > p.context.x_max and len(p.x) == len(p.y) for p in problems)
