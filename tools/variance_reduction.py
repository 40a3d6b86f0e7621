"""How much more exact Latin hypercubes and Sobol' nets are than plain random futures, on a case.

For each design, sets of 256 futures that were randomised independently of each other (random futures; Latin hypercubes;
the first 256 points of scrambled Sobol' sequences) give one mean each; their variance over the sets is compared with
that of random sets. The figures in `docs/sampling.md` come from here:

    python tools/variance_reduction.py rutte-2025 --policy hague_commitment --sets 16
"""

from __future__ import annotations

import argparse

import numpy as np

from twofront.analyse.outcomes import headline_outcomes
from twofront.case import Case, load_case
from twofront.ensemble.model import USABLE, Floats
from twofront.future import FutureModel
from twofront.parameters.designs import DESIGNS, REPLICATES
from twofront.parameters.sampling import Sampler

POINTS = 256
AT_ONCE = 512


def set_means(case: Case, model: FutureModel, design: str, sets: int, seed: int) -> Floats:
    """Mean outcomes (sets, policies, outcomes) of each set of futures; NaN outcomes are left out."""
    rounds = -(-sets // REPLICATES)
    found: list[Floats] = []
    usable = [place for place, name in enumerate(model.status_names) if name in USABLE]
    for number in range(rounds):
        sampler = Sampler(case, seed + number, design=design)
        pieces: list[Floats] = []
        for lo in range(0, REPLICATES * POINTS, AT_ONCE):
            drawn = sampler.draw(lo, lo + AT_ONCE)
            results = model.evaluate(drawn.values, drawn.structures, paths=False)
            kept = np.logical_and.reduce(np.isin(results.status, usable), axis=0)
            pieces.append(np.where(kept, results.outcomes, np.nan))
        whole = np.concatenate(pieces, axis=2)
        shape = (*whole.shape[:2], REPLICATES, POINTS)
        if design == "sobol":  # replicates take turns
            parts = whole.reshape(*whole.shape[:2], POINTS, REPLICATES).swapaxes(2, 3)
        else:
            parts = whole.reshape(shape)
        found.append(np.nanmean(parts, axis=3).transpose(2, 0, 1))
    return np.concatenate(found)[:sets]


def main() -> None:
    """Print variance ratios of levels and of what policies change."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("case")
    parser.add_argument("--policy", action="append", default=[])
    parser.add_argument("--sets", type=int, default=16)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    case = load_case(asked.case)
    model = FutureModel(case, policies=asked.policy)
    model.prepare()
    means = {name: set_means(case, model, name, asked.sets, asked.seed) for name in DESIGNS}
    print(f"{case.name}: {asked.sets} sets of {POINTS} futures a design, {len(Sampler(case, 1).uncertain)} ranges")
    print(f"{'':58}{'mean':>10}{'random':>10}" + "".join(f"{name:>10}" for name in DESIGNS[1:]))
    print(f"{'':58}{'':>10}{'std error':>10}" + f"{'times less variance':>20}")
    for name in headline_outcomes(case):
        if name not in model.outcome_names:
            continue
        place = model.outcome_names.index(name)
        for row, policy in enumerate(model.policy_names):
            each = {d: m[:, row, place] - (m[:, 0, place] if row else 0.0) for d, m in means.items()}
            variance = {d: float(values.var(ddof=1)) for d, values in each.items()}
            if not variance["random"]:
                continue
            ratios = [variance["random"] / variance[d] if variance[d] else np.inf for d in DESIGNS[1:]]
            label = f"{name}, {'level' if not row else 'change by ' + policy}"
            figures = f"{each['random'].mean():10.4g}{np.sqrt(variance['random']):10.2g}"
            print(f"{label:58}{figures}" + "".join(f"{ratio:10.1f}" for ratio in ratios), flush=True)


if __name__ == "__main__":
    main()
