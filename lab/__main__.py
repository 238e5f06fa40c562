"""`python -m lab NAME`: what experiments there are, and to run one."""

import sys

from benchmark.shell import shell
from benchmark.suites.folder import MissingData

import forescale as fs

from . import (
    ablation,
    active_learning,
    active_methods,
    backtest_prior,
    calibration,
    context_size,
    curve_fit_floor,
    door,
    during,
    evidence,
    fuzz_commands,
    gallery,
    goals,
    how_true,
    in_context,
    joint_coverage,
    joint_scores,
    load,
    mass_batch,
    mcmc_length,
    observed,
    own_curve,
    paper_prior,
    paper_reading,
    pruner,
    reach_reliability,
    recipes_reliability,
    scale,
    students,
    world,
)
from .experiment import command_of

EXPERIMENTS = {
    e.name: e
    for e in (
        ablation.EXPERIMENT,
        active_learning.EXPERIMENT,
        active_methods.EXPERIMENT,
        backtest_prior.EXPERIMENT,
        calibration.EXPERIMENT,
        context_size.EXPERIMENT,
        curve_fit_floor.EXPERIMENT,
        door.EXPERIMENT,
        during.EXPERIMENT,
        evidence.TRAIN,
        evidence.EXPERIMENT,
        fuzz_commands.EXPERIMENT,
        gallery.EXPERIMENT,
        in_context.EXPERIMENT,
        goals.EXPERIMENT,
        how_true.EXPERIMENT,
        joint_coverage.EXPERIMENT,
        joint_scores.EXPERIMENT,
        load.EXPERIMENT,
        mass_batch.EXPERIMENT,
        mcmc_length.EXPERIMENT,
        observed.EXPERIMENT,
        own_curve.EXPERIMENT,
        paper_prior.EXPERIMENT,
        paper_reading.EXPERIMENT,
        pruner.EXPERIMENT,
        reach_reliability.EXPERIMENT,
        recipes_reliability.EXPERIMENT,
        scale.EXPERIMENT,
        *students.EXPERIMENTS,
        world.EXPERIMENT,
    )
}


def main() -> None:
    try:
        shell("lab", {name: command_of(experiment) for name, experiment in EXPERIMENTS.items()})()
    except KeyboardInterrupt:
        sys.exit("interrupted; the same command goes on from here")
    except (MissingData, fs.CheckpointError, fs.CurveError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
