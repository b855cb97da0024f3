"""`python -m tests.fuzz` (`make fuzz`): the same random commands to both engines, compared.

    python -m tests.fuzz --commands 1000000     so many commands, from a new seed on
    python -m tests.fuzz --first 17             from that seed on
    python -m tests.fuzz --seed 17              the course of one seed again
    python -m tests.fuzz --replay FILE          the steps of a file

A seed draws one course of 5,000 commands. What differs is made short, printed, and written to a
file that replays it; the exit status is then 1.
"""

from __future__ import annotations

import argparse
import gc
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from itertools import count, islice
from pathlib import Path

from exchange.engine.build import BUILT_ENGINES
from exchange.engine.port import NATIVE
from tests.fuzz.course import COMMANDS_A_COURSE, Run, run_course
from tests.fuzz.shorten import shorten
from tests.fuzz.steps import Step, read_steps, told, write_steps
from tests.fuzz.twins import difference_of

FOUND = Path("var/fuzz")
TOLD_EVERY_S = 5.0
COURSES_AHEAD = 4


def main(arguments: list[str] | None = None) -> int:
    """Compare; the exit status."""
    options = _parse(arguments)
    if NATIVE not in BUILT_ENGINES:
        print("the native engine is not built: install a C++20 compiler and run `make setup`")
        return 2
    if options.replay is not None:
        steps = read_steps(options.replay)
        return _verdict(difference_of(steps), steps, options.replay)
    if options.seed is not None:
        run = run_course(options.seed)
        return _show(options.seed, run) if run.difference else _verdict("", run.steps, None)
    return _compare(options)


def _compare(options: argparse.Namespace) -> int:
    first = options.first if options.first is not None else time.time_ns() // 1_000_000
    courses = -(-options.commands // COMMANDS_A_COURSE)
    print(f"{courses} courses of {COMMANDS_A_COURSE} commands, seeds from {first} on", flush=True)
    began = told_at = time.monotonic()
    done = 0
    for number, (seed, run) in enumerate(_runs(first, courses, options.workers), 1):
        done += run.commands
        if run.difference:
            return _show(seed, run)
        now = time.monotonic()
        if now - told_at >= TOLD_EVERY_S or number == courses:
            told_at = now
            rate = done / (now - began)
            print(f"{done} commands, {rate:.0f} a second, last seed {seed}", flush=True)
    seconds = time.monotonic() - began
    last = first + courses - 1
    print(f"no difference in {done} commands, seeds {first} to {last}, {seconds:.0f} s")
    return 0


def _runs(first: int, courses: int, workers: int) -> Iterator[tuple[int, Run]]:
    seeds = iter(range(first, first + courses))
    if workers < 2:
        yield from ((seed, _course(seed)) for seed in seeds)
        return
    with ProcessPoolExecutor(workers) as pool:
        waiting = [(seed, pool.submit(_course, seed)) for seed in islice(seeds, workers)]
        for _ in count():
            waiting += [
                (seed, pool.submit(_course, seed))
                for seed in islice(seeds, workers * COURSES_AHEAD - len(waiting))
            ]
            if not waiting:
                return
            seed, future = waiting.pop(0)
            yield seed, future.result()


# The steps of a course without a difference are not sent between processes.
def _course(seed: int) -> Run:
    gc.disable()
    run = run_course(seed)
    gc.collect()
    return run if run.difference else run._replace(steps=[])


def _show(seed: int, run: Run) -> int:
    print(f"seed {seed}, command {run.commands}: {run.difference}", flush=True)
    steps: list[Step] = run.steps
    if difference_of(steps):
        print(f"making {len(steps)} steps fewer ...", flush=True)
        steps = shorten(steps, lambda some: bool(difference_of(some)))
    path = FOUND / f"engines-{seed}.txt"
    write_steps(path, steps)
    return _verdict(difference_of(steps) or run.difference, steps, path)


def _verdict(difference: str, steps: list[Step], path: Path | None) -> int:
    if not difference:
        print(f"no difference in {len(steps)} steps")
        return 0
    for line in told(steps):
        print(line)
    print(f"the engines differ: {difference}")
    print(f"again: make fuzz REPLAY={path}")
    return 1


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m tests.fuzz", description=__doc__)
    parser.add_argument("--commands", type=int, default=1_000_000, help="at least so many")
    parser.add_argument("--first", type=int, help="the first seed (from the clock)")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    only = parser.add_mutually_exclusive_group()
    only.add_argument("--seed", type=int, help="one course again")
    only.add_argument("--replay", type=Path, help="a file of steps")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
