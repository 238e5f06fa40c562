"""Truncation averaging: a long context is read twice, whole and without its earliest places, and both answers count.

The law of the first points need not be the law of the last ones: warm-up, the easy part of a task, a plateau before
anything is learnt. A context with many points can spare the early ones, and where they mislead, the two answers
differ. What it gives and what it costs: docs/log, entry 16.
"""

from typing import cast

import numpy as np

from ..curves.thinning import Reading
from ..forecasts.distributions import Marginals
from ..forecasts.scaling import Scaling
from ..numerics import Floats

MANY = 20
"""Contexts with more distinct x than this are read twice."""
EARLY = 0.4
"""Share of the distinct x that the second reading leaves out."""
SHARE = 0.5
"""What the second answer counts beyond the context, reached in STEPS places so that one more point is no jump."""
STEPS = 5


def late_part(context: Reading) -> Reading | None:
    """What is read a second time: a context without its earliest places, or None where there are few.

    None too where the later part is a plateau of one or two readings, as of a best-so-far log that stopped improving:
    alone it would look like a law without noise.
    """
    if context.n <= MANY:
        return None
    places = np.unique(context.x)
    if len(places) <= MANY:
        return None
    late = context.take(context.x >= places[round(EARLY * len(places))])
    return late if len(np.unique(late.y)) >= 3 else None


def late_share(context: Reading, late: Reading, x_T: Floats) -> Floats:
    """What the second answer counts at each x, (T,): SHARE from the end of the context on, nothing where it has not
    begun, in between in proportion to ln x, so that an answer has no step."""
    most = SHARE * min(1.0, (len(np.unique(context.x)) - MANY) / STEPS)
    begin, end = np.log(late.x[0]), np.log(late.x_max)
    return cast("Floats", most * np.clip((np.log(x_T) - begin) / (end - begin), 0.0, 1.0))


def average(
    whole: tuple[Marginals, Scaling], late: tuple[Marginals, Scaling], share_T: Floats
) -> tuple[Marginals, Scaling]:
    """Both answers as one mixture, in the scaled outcome of the first; both are mixtures over a scaled ln y."""
    (marginals, scaling), (other, its) = whole, late
    return marginals.blend(other.moved(*scaling.from_other(its)), share_T), scaling
