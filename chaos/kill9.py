"""kill -9 at any moment, under load, again and again; after each restart everything must be there.

Room: the rounds. What is killed is a process of our own, what is checked is `checker.py`'s.

Hypothesis: whatever was acknowledged is durable and replays to the same state; whatever was not has
one outcome once it is sent again (DESIGN I1, I2, I3, I5, I7, I8). Blast radius: one node process
and its directory. A round kills in one of three moments, drawn from the seed:

    serving    after 0 to 0.4 s of load
    snapshot   right after a snapshot was asked for
    starting   before or while the node recovers and begins to serve

After the restart the clients' acknowledged commands so far are looked up in a replay of the journal
(the checker's own engine takes the new entries), and the node's digest must equal the replay's.
Every FULL_REPLAY_ROUNDS rounds and at the end a fresh checker replays everything from genesis.
kill -9 leaves the page cache alone: it proves order and atomicity, not that fsync reaches the disk
(`tests/storage/test_disk_faults.py` looks at the flushes).
"""

from __future__ import annotations

import asyncio
import random
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from chaos.checker import Checker, Violation
from chaos.follower import Follower
from chaos.history import History, State
from chaos.journal_reader import entries, last_index
from chaos.load import SYMBOLS, TICK, Trader
from chaos.process import SERVE, NodeDied, NodeProcess
from exchange.client import AsyncClient, ClientError, instrument

MOMENTS = ("serving", "serving", "serving", "snapshot", "starting")
FULL_REPLAY_ROUNDS = 20
SERVING_S_MAX = 0.4
SNAPSHOT_S_MAX = 0.02
STARTING_S_MAX = 0.6
SETTINGS = {"snapshots": {"every_commands": 700, "keep": 2}}
SESSION_TRADERS, SINGLE_TRADERS = ("s1", "s2"), ("u1", "u2")
SESSION_RATE, SINGLE_RATE = 500.0, 80.0
FOLLOWED = ("s1", "u1")
"""Members whose executions a subscriber follows through all kills."""

CLIENT_S = 60.0
EXECUTIONS_S = 10.0
MORE_EXECUTIONS_S = 0.2


@dataclass(slots=True)
class Summary:
    """What a run did.

    Attributes:
        seed: repeats what was drawn; timing differs.
        kills: by moment.
        violations: nothing else counts.
        commands: in the log, repeats among them.
        acknowledged: commands with an answer.
        repeated: answers that were those of a command known already (poss_dup).
        resent: commands that went out again because their outcome was not known.
        entries: of the log at the end.
        full_replays: from genesis.
        recoveries_s: from the start of a process to a served port, a kill each.
        seconds: of the whole run.
    """

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    violations: list[Violation] = field(default_factory=list)
    commands: int = 0
    acknowledged: int = 0
    repeated: int = 0
    resent: int = 0
    entries: int = 0
    full_replays: int = 0
    recoveries_s: list[float] = field(default_factory=list)
    seconds: float = 0.0


class Kill9:
    """One run.

    Args:
        directory: of the node; kept for a post-mortem.
        seed: of everything drawn.
        tell: called with one line a round.
        serve: as NodeProcess takes it.
    """

    def __init__(
        self,
        directory: Path,
        seed: int,
        tell: Callable[[str], None],
        serve: Sequence[str] = SERVE,
    ) -> None:
        self.history = History()
        self.summary = Summary(seed)
        self._chance = random.Random(seed)
        self._tell = tell
        self._node = NodeProcess(directory, SETTINGS, serve=serve)
        self._checker = Checker()
        self._checked = 0
        self._traders = self._make_traders()
        self._followers = [Follower(self._node.endpoint, name, CLIENT_S) for name in FOLLOWED]
        self._operator: AsyncClient

    async def run(self, kills: int) -> Summary:
        """Kill so often, check each time and at the end."""
        began = time.monotonic()
        try:
            await self._start()
            async with AsyncClient(
                self._node.endpoint, operator="chaos", timeout=CLIENT_S
            ) as self._operator:
                await self._set_up()
                followers = [asyncio.create_task(one.run()) for one in self._followers]
                async with asyncio.TaskGroup() as traders:
                    for name in self._traders:
                        traders.create_task(self._trade(name), name=name)
                    for number in range(1, kills + 1):
                        try:
                            await self._round(number)
                        except NodeDied as died:
                            self._checker.found("I8", f"the node does not come back: {died}")
                        if self._checker.violations:
                            break  # the directory shows the rest
                    for trader in self._traders.values():
                        trader.stop()
                if not self._checker.violations:
                    await self._finish()
                await self._end(followers)
        finally:
            self._node.kill()
            self.summary.seconds = time.monotonic() - began
            self._collect(self._checker)
        return self.summary

    def _make_traders(self) -> dict[str, Trader]:
        rates = dict.fromkeys(SESSION_TRADERS, SESSION_RATE) | dict.fromkeys(
            SINGLE_TRADERS, SINGLE_RATE
        )
        return {
            name: Trader(
                self._node.endpoint,
                name,
                self.history,
                seed=self._chance.getrandbits(64),
                commands_per_s=rate,
            )
            for name, rate in rates.items()
        }

    async def _set_up(self) -> None:
        for name in self._traders:
            await self._operator.create_member(name, request_id=f"member-{name}")
        for symbol in SYMBOLS:
            new = instrument(symbol, "equity", currency="USD", mic="XLCK", tick_size=TICK)
            await self._operator.create_instrument(new, request_id=f"instrument-{symbol}")
        await self._operator.open_session(request_id="open")

    # No trader sends anything that a sound node would refuse as a request.
    async def _trade(self, name: str) -> None:
        trader = self._traders[name]
        try:
            if name in SESSION_TRADERS:
                await trader.run_session()
            else:
                await trader.run_singles()
        except ClientError as error:
            self._checker.found("I1", f"{name} met {error.reason}: {error.message}")

    # A subscription that ended by itself was refused what it must be told.
    async def _end(self, followers: list[asyncio.Task[None]]) -> None:
        for task in followers:
            task.cancel()
        for result in await asyncio.gather(*followers, return_exceptions=True):
            if isinstance(result, ClientError):
                self._checker.found("I8", f"a subscriber met {result.reason}: {result.message}")
            elif isinstance(result, Exception):
                raise result

    async def _start(self) -> None:
        self._node.start()
        await asyncio.to_thread(self._node.wait_serving)

    async def _round(self, number: int) -> None:
        moment = self._chance.choice(MOMENTS)
        if moment == "starting":
            self._node.kill()
            self._node.start()
            await asyncio.sleep(self._chance.uniform(0, STARTING_S_MAX))
        elif moment == "snapshot":
            task = asyncio.create_task(self._operator.create_snapshot())
            await asyncio.sleep(self._chance.uniform(0, SNAPSHOT_S_MAX))
            task.cancel()
        else:
            await asyncio.sleep(self._chance.uniform(0, SERVING_S_MAX))
        self._node.kill()
        acknowledged = self.history.acknowledged_count
        self.summary.kills[moment] += 1
        began = time.monotonic()
        await self._start()
        self.summary.recoveries_s.append(time.monotonic() - began)
        await self._compare(acknowledged)
        if number % FULL_REPLAY_ROUNDS == 0:
            await self._replay_from_genesis()
        self._tell(
            f"{number}: killed {moment}; {acknowledged} acknowledged, "
            f"{self._checker.log_index} entries, {self._checker.commands} commands, "
            f"{len(self._checker.violations)} violations"
        )

    # What was acknowledged before the kill must be in the log now, and the digests equal.
    async def _compare(self, acknowledged: int) -> None:
        digest = await self._operator.digest()
        index, known = digest.log_index, self._checker.log_index
        durable = await asyncio.to_thread(last_index, self._node.data_dir)
        if index > durable:
            self._checker.found("I8", f"the node shows entry {index}, its log ends at {durable}")
            return
        if index < known:
            self._checker.found("I7", f"the log had {known} entries, the node shows {index}")
            return
        await asyncio.to_thread(self._take_entries, self._checker, index)
        self._checker.check_digest(index, digest.state_digest, digest.events_digest)
        commands = self.history.since(self._checked)[: acknowledged - self._checked]
        self._checker.check_acknowledged(commands)
        self._checked = acknowledged

    def _take_entries(self, checker: Checker, last: int) -> None:
        checker.replay(entries(self._node.data_dir, checker.log_index + 1, last))

    async def _replay_from_genesis(self) -> Checker:
        fresh = Checker()
        await asyncio.to_thread(self._take_entries, fresh, self._checker.log_index)
        own = self._checker.engine
        fresh.check_digest(own.applied_index, own.digest().hex(), own.events_digest().hex())
        self.summary.full_replays += 1
        self._collect(fresh)
        return fresh

    # All traders are done: nothing moves any more.
    async def _finish(self) -> None:
        await self._compare(self.history.acknowledged_count)
        fresh = await self._replay_from_genesis()
        digest = await self._operator.digest()
        fresh.check_digest(digest.log_index, digest.state_digest, digest.events_digest)
        fresh.check_acknowledged(self.history.since(0))
        fresh.check_unresolved(self.history.in_state(State.SENT, State.UNKNOWN, State.REFUSED))
        fresh.compare_positions()
        late = [Follower(self._node.endpoint, name, CLIENT_S) for name in self._traders]
        tasks = [asyncio.create_task(one.run()) for one in late]
        for follower in [*self._followers, *late]:
            expected = fresh.execution_count(follower.member)
            await follower.reached(expected, EXECUTIONS_S)
        await asyncio.sleep(MORE_EXECUTIONS_S)  # for what should not come
        for follower in [*self._followers, *late]:
            fresh.check_executions(follower.member, follower.facts)
        await self._end(tasks)
        for number, symbol in enumerate(SYMBOLS, 1):
            book = await self._operator.order_book(symbol)
            fresh.check_book(
                number,
                [(level.price, level.qty) for level in book.bids],
                [(level.price, level.qty) for level in book.asks],
            )
        self.summary.commands = fresh.commands
        self.summary.entries = fresh.log_index
        self.summary.acknowledged = self.history.acknowledged_count
        self.summary.resent = sum(command.attempts > 1 for command in self.history)
        answers = [facts for command in self.history for facts in command.answers]
        self.summary.repeated = sum(facts[0].poss_dup for facts in answers)
        self._collect(fresh)

    def _collect(self, checker: Checker) -> None:
        known = set(self.summary.violations)
        self.summary.violations += [one for one in checker.violations if one not in known]


def run(
    directory: Path,
    *,
    seed: int,
    kills: int,
    tell: Callable[[str], None],
    serve: Sequence[str] = SERVE,
) -> Summary:
    """Run to the end, or to the first violation; see Kill9."""
    return asyncio.run(Kill9(directory, seed, tell, serve).run(kills))
