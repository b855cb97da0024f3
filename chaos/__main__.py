"""`python -m chaos` (`make chaos`): break the exchange on purpose, check what must hold.

Room: arguments, the order of runs and the exit status: 0 if nothing was violated, 1 if something
was; then the directory of that run is kept and named. Results go to `var/chaos/latest.json`.

    python -m chaos                              every kind of run; failovers 50 times each
    python -m chaos cluster --faults 200         any fault, drawn by weight
    python -m chaos cluster --only kill_primary --faults 50
    python -m chaos netns --faults 30            each node in a network namespace; needs root
    python -m chaos single --kills 200 --seed 7  one node, kill -9
    python -m chaos behind --commands 10000000   a standby that lacks them gets in sync again
    python -m chaos scenarios knight tokyo       failures of real exchanges, by name; none = all
"""

from __future__ import annotations

import argparse
import functools
import secrets
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TypeVar

from chaos import behind, cluster_run, dr_move, kill9, namespaces, report, shim
from chaos.fault import NAMESPACES, SHIM, Fault
from chaos.faults import (
    BAD_CLOCKS,
    BAD_DISKS,
    FAULTS,
    KILLS,
    LOST_COPIES,
    NAMESPACED,
    PARTITIONS,
    STAMPS,
)
from chaos.scenarios import SCENARIOS

S = TypeVar("S", cluster_run.ClusterSummary, kill9.Summary, dr_move.DrSummary, behind.BehindSummary)
RESULT = Path("var/chaos/latest.json")
DR_MOVE = {
    "cme": "CME 27 November 2025: a site was lost for ten hours, the other one was not used.",
    "nyse2023": "NYSE 24 January 2023: a recovery system left running told an old day's state.",
}
NAMES = (*SCENARIOS, *DR_MOVE)
FAILOVERS = 50
DRAWN = 40
SINGLE_KILLS = 50


def main(arguments: list[str] | None = None) -> int:
    """Run what was asked for; the exit status. Ended by SIGTERM it cleans up as after Ctrl-C."""
    options = _parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: signal.raise_signal(signal.SIGINT))
    if options.kind == "single":
        return _single(options.kills, options.seed, options.output)
    if options.kind == "cluster":
        return _drawn(options, options.only or [name for name in FAULTS if name not in NAMESPACED])
    if options.kind == "netns":
        return _netns(options)
    if options.kind == "behind":
        return _behind(options.commands, options.day, options.output)
    if options.kind == "scenarios":
        return _scenarios(options.names or NAMES, options.seed, options.output)
    return _all(options.failovers, options.faults, options.seed, options.output)


def _all(failovers: int, drawn: int, seed: int, output: Path) -> int:
    planned: list[tuple[str, list[Fault]]] = [
        ("failover by kill -9", [FAULTS["kill_primary"]] * failovers),
        ("failover by silent partition", [FAULTS["isolate_primary"]] * failovers),
        ("planned switch", [FAULTS["transfer"]] * failovers),
        ("kills", cluster_run.draw(seed, drawn, KILLS)),
        ("partitions", cluster_run.draw(seed + 1, drawn, PARTITIONS)),
    ]
    more = (("disks", BAD_DISKS), ("clocks", BAD_CLOCKS), ("one copy left", LOST_COPIES))
    for kind, names in more:
        if possible := _possible(names):
            planned.append((kind, cluster_run.draw(seed + 2, len(possible), possible)))
    codes = [_cluster(kind, faults, seed, output) for kind, faults in planned]
    codes.append(_scenarios(NAMES, seed, output))
    codes.append(_single(SINGLE_KILLS, seed, output))
    return max(codes)


def _drawn(options: argparse.Namespace, names: Iterable[str]) -> int:
    possible = _possible(names, options.kind)
    if not possible:
        return 0
    faults = cluster_run.draw(options.seed, options.faults, possible)
    is_netns = options.kind == "netns"
    return _cluster(options.kind, faults, options.seed, options.output, in_namespaces=is_netns)


def _netns(options: argparse.Namespace) -> int:
    why = namespaces.missing()
    if why:
        _tell(f"skipped: {why}; `python -m chaos cluster` bends links over a relay instead")
        return 0
    return _drawn(options, options.only or (*PARTITIONS, *NAMESPACED))


def _possible(names: Iterable[str], kind: str = "cluster") -> list[str]:
    """Those that can be done here; the others are told, with the reason."""
    reasons = {name: _reason_against(name, kind) for name in names}
    for name, why in reasons.items():
        if why:
            _tell(f"{name} is left out: {why}")
    return [name for name, why in reasons.items() if not why]


def _reason_against(name: str, kind: str) -> str:
    needs = FAULTS[name].needs
    if needs == NAMESPACES and kind != "netns":
        return "it needs network namespaces: `python -m chaos netns`"
    if kind == "netns" and name in STAMPS:
        return "a bent stamp is for the loopback only"
    if kind == "netns" and name == "slow_network" and not namespaces.has_netem():
        return "this kernel has no netem"
    return shim.missing() if needs == SHIM else ""


def _scenarios(names: Sequence[str], seed: int, output: Path) -> int:
    codes: list[int] = []
    for name in names:
        if name in DR_MOVE:
            sys.stdout.write(f"{name}: {DR_MOVE[name]}\n")
            head = f"scenario {name}: the other site takes over, the old nodes come back"
            work = functools.partial(dr_move.run, tell=_tell)
            codes.append(_run(f"scenario {name}", head, work, report.dr_table, output))
            continue
        scenario = SCENARIOS[name]
        sys.stdout.write(f"{name}: {scenario.event}\n")
        codes.append(_cluster(f"scenario {name}", scenario.faults, seed, output))
    return max(codes)


def _cluster(
    kind: str, faults: Sequence[Fault], seed: int, output: Path, *, in_namespaces: bool = False
) -> int:
    def work(directory: Path) -> cluster_run.ClusterSummary:
        return cluster_run.run(
            directory, seed=seed, faults=faults, tell=_tell, namespaces=in_namespaces
        )

    head = f"{kind}: {len(faults)} faults in a cluster, seed {seed}"
    return _run(kind, head, work, report.cluster_table, output)


def _single(kills: int, seed: int, output: Path) -> int:
    def work(directory: Path) -> kill9.Summary:
        return kill9.run(directory, seed=seed, kills=kills, tell=_tell)

    return _run(
        "single",
        f"kill -9 of one node, {kills} times, seed {seed}",
        work,
        report.kill9_table,
        output,
    )


def _behind(commands: int, day: int, output: Path) -> int:
    work = functools.partial(behind.run, commands=commands, day=day, tell=_tell)
    head = f"a standby {commands} commands behind"
    return _run("behind", head, work, report.behind_table, output)


def _run(
    kind: str,
    head: str,
    work: Callable[[Path], S],
    table: Callable[[S], str],
    output: Path,
) -> int:
    base = Path(tempfile.mkdtemp(prefix="lockstep-chaos-"))
    directory = base / "run"
    sys.stdout.write(f"{head}, in {directory}\n")
    summary = work(directory)
    report.write(output, kind, report.content_of(summary))
    sys.stdout.write(table(summary))
    if summary.violations:
        sys.stdout.write(f"the directory is kept: {directory}\n")
        return 1
    shutil.rmtree(base)
    return 0


def _tell(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


def _parse(arguments: list[str] | None) -> argparse.Namespace:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--seed", type=int, default=secrets.randbits(32), help="repeats a run")
    common.add_argument("--output", type=Path, default=RESULT, help=f"result ({RESULT})")
    parser = argparse.ArgumentParser(
        "python -m chaos",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
        parents=[common],
    )
    parser.add_argument("--failovers", type=_count, default=FAILOVERS, help="of each kind (50)")
    parser.add_argument("--faults", type=_count, default=DRAWN, help="drawn, of each kind (40)")
    kinds = parser.add_subparsers(dest="kind")
    single = kinds.add_parser("single", parents=[common], help="one node, kill -9")
    single.add_argument("--kills", type=_count, default=SINGLE_KILLS, help="how often (50)")
    cluster = kinds.add_parser("cluster", parents=[common], help="a cluster, faults drawn")
    cluster.add_argument("--faults", type=_count, default=DRAWN, help="how many (40)")
    cluster.add_argument("--only", nargs="+", choices=sorted(FAULTS), help="draw from these")
    netns = kinds.add_parser("netns", parents=[common], help="a cluster in namespaces, root")
    netns.add_argument("--faults", type=_count, default=DRAWN, help="how many (40)")
    netns.add_argument("--only", nargs="+", choices=sorted(FAULTS), help="draw from these")
    far = kinds.add_parser("behind", parents=[common], help="a standby far behind")
    far.add_argument("--commands", type=_count, default=behind.COMMANDS, help="how far (10000000)")
    far.add_argument("--day", type=_count, default=behind.DAY_COMMANDS, help="commands of a day")
    scenarios = kinds.add_parser("scenarios", parents=[common], help="real failures, by name")
    scenarios.add_argument("names", nargs="*", choices=[*NAMES, []], help="which; none = all")
    return parser.parse_args(arguments)


def _count(text: str) -> int:
    value = int(text)
    if value < 1:
        raise argparse.ArgumentTypeError(f"{text} must be at least 1")
    return value


if __name__ == "__main__":
    sys.exit(main())
