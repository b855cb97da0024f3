"""`python -m chaos.sim` (`make sim`): run seeds, or one seed, or a mutant.

Room: arguments, worker processes and the table. Exit status 0 if nothing was violated.

    python -m chaos.sim --seeds 300            seeds 0..299, on all cores
    python -m chaos.sim --seed 17 --count 1    one seed; prints its trace hash
    python -m chaos.sim --seeds 100 --mutant early-ack
"""

from __future__ import annotations

import argparse
import multiprocessing
import os
import sys
import time
from collections import Counter
from functools import partial

from chaos.sim.mutants import MUTANTS
from chaos.sim.run import Outcome, run_named


def main(arguments: list[str] | None = None) -> int:
    """Run; the exit status."""
    options = _parse(arguments)
    first, count = (options.seed, 1) if options.seed is not None else (options.first, options.seeds)
    seeds = range(first, first + count)
    began = time.perf_counter()
    faults: Counter[str] = Counter()
    figures: Counter[str] = Counter()
    healed: list[int] = []
    failed: list[Outcome] = []
    with multiprocessing.Pool(min(options.jobs, count)) as pool:
        for outcome in pool.imap_unordered(partial(run_named, options.mutant or ""), seeds):
            faults.update(outcome.faults)
            figures.update(outcome.figures)
            healed.append(outcome.healed_ns)
            if outcome.violation:
                failed.append(outcome)
                _say(f"seed {outcome.seed}: {outcome.violation}\n  replay: {outcome.replay()}")
            if count == 1:
                _say(f"seed {outcome.seed}: trace {outcome.trace}")
    seconds = time.perf_counter() - began
    _say(
        f"{count} seeds in {seconds:.1f} s: {count / seconds:.2f} a second, {len(failed)} violated"
    )
    _say(f"{sum(faults.values())} faults: " + _list(faults))
    _say("done: " + _list(figures))
    whole = sorted(ns for ns in healed if ns >= 0)
    if whole:
        median, longest = whole[len(whole) // 2] / 1e9, whole[-1] / 1e9
        _say(f"whole again after {median:.2f} s (median), {longest:.2f} s (longest)")
    return 1 if failed else 0


def _list(counts: Counter[str]) -> str:
    return ", ".join(f"{count} {name}" for name, count in counts.most_common())


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m chaos.sim", description=__doc__)
    parser.add_argument("--seeds", type=int, default=300, help="how many seeds (300)")
    parser.add_argument("--first", type=int, default=0, help="the first one (0)")
    parser.add_argument("--seed", type=int, help="only this one")
    parser.add_argument("--mutant", choices=sorted(MUTANTS), help="with this bug put back")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1, help="processes")
    options = parser.parse_args(arguments)
    if options.seeds < 1:
        parser.error(f"--seeds {options.seeds} must be at least 1")
    return options


if __name__ == "__main__":
    sys.exit(main())
