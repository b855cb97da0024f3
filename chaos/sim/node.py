"""A simulated node: the shell around the production replica, as its duties say.

Room: performs effects in order; barriers hold what follows until the disk has them; the log's
writer works beside. A process may stand still, end, and start again over what its disk kept.

Size: one node whole; each effect and each input has its few lines here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from chaos.sim.checks import Checks
from chaos.sim.disk import SimDisk, StoredSnapshot
from chaos.sim.network import Network
from chaos.sim.register_model import RegisterModel
from chaos.sim.shape import Shape
from chaos.sim.venue import Venue
from chaos.sim.world import MS, World
from exchange.engine.port import Engine
from exchange.model.batch import Outcome
from replication import effects as e
from replication.identity import DATA, Identity
from replication.log_stream import SnapshotFacts
from replication.messages import decode, encode
from replication.node_state import StoredFacts
from replication.register import CasOutcome, RegisterValue
from replication.replica import NotPrimaryError, Replica
from storage.errors import CorruptionError

TICK_NS = 20 * MS
BUGGIFY_PERCENT = {"small append": 20, "hasty takeover": 0.3, "hasty shrink": 0.3}
"""How often the replica is told to do the rarer of two allowed things; no time protects a log."""
CHUNK_BYTES = 2_000
READ_ENTRIES_MAX = 20


class SimNode:
    """One node over all its processes. `is_up` is its process; `disk` outlives it."""

    def __init__(
        self,
        world: World,
        name: str,
        *,
        shape: Shape,
        network: Network,
        register: RegisterModel,
        checks: Checks,
        make_engine: Callable[[str], Engine],
    ) -> None:
        self._world = world
        self._shape = shape
        self._network = network
        self._register = register
        self._checks = checks
        self._make_engine = make_engine
        self.name = name
        self.kind = shape.plan.kind(name)
        self.disk = SimDisk(world, name, shape.plan.rank(name) + 1)
        self.syncs = True
        self.promise_is_durable = True
        self.truncates_at_start = False
        self.is_up = False
        self.is_corrupt = False
        self.halted = ""
        self.boot = 0
        self.paused_until = 0
        self.skew_ppm = world.between(-20_000, 20_000)
        self.offset_ns = world.between(1, 1_000) * 1_000 * MS
        self.wall_jump_ns = 0
        self.answers = 0
        self.installed = 0

    def now(self) -> int:
        """This node's monotonic clock."""
        return self.offset_ns + self._world.now * (1_000_000 + self.skew_ppm) // 1_000_000

    def start(self) -> None:
        """A new process; a disk that does not verify is refused."""
        if self.is_up:
            return
        try:
            self.disk.verify()
        except CorruptionError:
            self.is_corrupt = True
            self._world.note(f"{self.name} refuses its disk")
            return
        self.boot += 1
        self.is_up = True
        self.halted = ""
        self.paused_until = 0
        # Each with the version of the register by which this node led when it caused it, -1 = not.
        self._effects: deque[tuple[e.Effect, int]] = deque()
        self._said_role = ""
        self._is_performing = False
        self._barrier = False
        self._chunks: list[bytes] = []
        self._commit_to = 0
        disk = self.disk
        disk.on_failure = lambda: self.end(power=False, why="fsync failed")
        if self.truncates_at_start and disk.last_index > disk.facts.committed > disk.base_index:
            removed = disk.cut(disk.facts.committed + 1)
            self._world.note(f"{self.name} drops {len(removed)} at its start")
        snapshot = disk.snapshot
        committed = max(disk.facts.committed, snapshot.log_index if snapshot else 0)
        identity = Identity(
            "sim", 1, self.name, self.kind, disk.incarnation, self.boot + 1_000 * disk.incarnation,
            "1.0.0",
        )  # fmt: skip
        self.replica = Replica(
            identity,
            self._shape.plan,
            disk,
            StoredFacts(disk.facts.promised, committed),
            self.now(),
            chance=self._chance,
            digest_every=10,
            snapshot_gap=30,
        )
        engine = self._make_engine(self.name)
        self.venue = Venue(engine, self.name)
        if snapshot is not None:
            engine.restore(snapshot.payload)
            self._offer(snapshot)
        self._world.note(f"{self.name} starts {disk.last_index} {committed}")
        self._input(self.replica.on_tick(self.now()))
        self._perform(e.Committed(min(committed, disk.last_index)))
        if self.kind == DATA:
            self.register_seen(self._register.at_start(self.name))
        self._tick(self.boot)

    def end(self, *, power: bool, why: str) -> None:
        """The process ends; with `power` the machine too."""
        if self.is_up:
            self._world.note(f"{self.name} ends: {why}")
            self.is_up = False
            self.disk.crash(power=power)
            self._register.forget(self.name)
            self._network.break_node(self.name)
            self._checks.ended(self.name)

    def wipe(self) -> None:
        """Another, empty disk under the same name; the process must be down."""
        incarnation = self.disk.incarnation + 100
        self.disk = SimDisk(self._world, self.name, incarnation)
        self.disk.syncs = self.syncs
        self.is_corrupt = False
        self._checks.wiped(self.name)

    def pause(self, duration_ns: int) -> None:
        """SIGSTOP for a time; what comes meanwhile waits."""
        self.paused_until = max(self.paused_until, self._world.now + duration_ns)

    def request(self, verb: str, subject: str = "") -> None:
        """An operator's request."""
        if self.is_up:
            self.answers += 1
            self._input(self.replica.request(self.now(), self.answers, verb, subject, "sim"))

    def submit(self, body: bytes, done: Callable[[Outcome], None]) -> None:
        """A client's command arrives; no answer means: perhaps, perhaps not."""
        if self._defer(lambda: self.submit(body, done)):
            return
        if self._shape.serves_by_lease and not self.replica.may_serve(self.now()):
            return
        if self.venue.submit(body, done):
            self._draft()

    # --- network, register ---

    def link_up(self, peer: str, link: int) -> None:
        """A connection is made."""
        if not self._defer(lambda: self.link_up(peer, link)):
            self._input(self.replica.on_link_up(self.now(), peer, link))

    def link_down(self, peer: str, link: int) -> None:
        """A connection is gone."""
        if not self._defer(lambda: self.link_down(peer, link)):
            self._input(self.replica.on_link_down(self.now(), peer, link))

    def frame(self, peer: str, link: int, frame: bytes) -> None:
        """A frame came."""
        if not self._defer(lambda: self.frame(peer, link, frame)):
            self._input(self.replica.on_message(self.now(), peer, link, decode(frame)))

    def register_seen(self, value: RegisterValue) -> None:
        """The newest value it learned."""
        if not self._defer(lambda: self.register_seen(value)):
            self._input(self.replica.on_register(self.now(), value))

    def register_health(self, *, healthy: bool) -> None:
        """Whether it has a majority."""
        if not self._defer(lambda: self.register_health(healthy=healthy)):
            self._input(self.replica.on_register_health(self.now(), healthy=healthy))

    def cas_result(self, boot: int, token: int, outcome: CasOutcome) -> None:
        """Answer to a compare-and-set."""
        if boot == self.boot and not self._defer(lambda: self.cas_result(boot, token, outcome)):
            self._input(self.replica.on_cas_result(self.now(), token, outcome))

    # --- inside ---

    def _chance(self, point: str) -> bool:
        return self._shape.buggify and self._world.odds(BUGGIFY_PERCENT[point])

    # True if the process is gone, or stands still: then `again` runs when it goes on.
    def _defer(self, again: Callable[[], None]) -> bool:
        if not self.is_up:
            return True
        wait = self.paused_until - self._world.now
        if wait > 0:
            boot = self.boot
            self._world.after(wait, lambda: again() if boot == self.boot else None)
            return True
        return False

    def _tick(self, boot: int) -> None:
        if not self.is_up or boot != self.boot:
            return
        if not self._defer(lambda: self._tick(boot)):
            self._input(self.replica.on_tick(self.now()))
            self._draft()
            self._world.after(TICK_NS, lambda: self._tick(boot))

    def _input(self, effects: list[e.Effect]) -> None:
        self._effects.extend(self._marked(effects))
        if self._is_performing:
            return
        self._is_performing = True
        while self._effects and not self._barrier and self.is_up:
            self._perform(*self._effects.popleft())
        self._is_performing = False

    # What waits behind a slow disk is performed when the node may lead no more.
    def _marked(self, effects: list[e.Effect]) -> list[tuple[e.Effect, int]]:
        marked = []
        for effect in effects:
            if isinstance(effect, e.Role):
                self._said_role = effect.role
            leads = self._said_role == "primary"
            marked.append((effect, self.replica.register.version if leads else -1))
        return marked

    def _perform(self, effect: e.Effect, led_by: int = -1) -> None:
        match effect:
            case e.Send():
                link = self._network.link_of(self.name, effect.peer)
                self._network.send(self.name, effect.peer, link, encode(effect.envelope))
            case e.Append():
                self._write(effect.entries, effect.committed)
            case e.Committed():
                self._commit_to = max(self._commit_to, effect.index)
                if led_by >= 0:
                    self._checks.committed(self.name, effect.index, led_by)
                self._apply()
            case e.Promise() | e.Truncate() | e.InstallSnapshot():
                self._barrier_of(effect)
            case e.CompareAndSet():
                self._register.compare_and_set(
                    self, self.boot, effect.token, effect.expected_version, effect.new
                )
            case e.Role():
                self._world.note(f"{self.name} is {effect.role} {effect.epoch}")
                self._take_role(effect)
            case e.Hold():
                self.venue.may_draft = not effect.on
            case e.Halt():
                self.halted = effect.code
                self._checks.halted(self.name, effect.code, effect.text)
                self.end(power=False, why=effect.code)
            case e.CloseLink():
                self._network.break_pair(self.name, effect.peer)
            case e.ReadEntries() | e.ReadChunk():
                self._read(effect)
            case e.StoreChunk():
                if effect.chunk == 0:
                    self._chunks.clear()
                self._chunks.append(effect.data)
            case _:
                pass  # Membership, Answer, Alarm: for people

    def _take_role(self, role: e.Role) -> None:
        if role.role == "primary":
            self.venue.lead(role.epoch, self.replica.last_index)
            self._checks.leads(self.name, role.epoch)
        else:
            self.venue.follow()

    def _write(self, entries: list[tuple[int, bytes]], committed: int) -> None:
        boot = self.boot

        last = entries[-1][0]

        def flushed() -> None:
            digest = self.disk.chain_digest(last)

            def report() -> None:
                if self._still(boot, report):
                    self._input(self.replica.on_durable(self.now(), last, digest))

            report()

        self.disk.append(entries, committed, flushed)

    def _barrier_of(self, effect: e.Effect) -> None:
        self._barrier = True
        boot = self.boot
        done: Callable[[], list[e.Effect]] = list

        def change() -> None:
            nonlocal done
            done = self._change(effect)

        def finish() -> None:
            if self._still(boot, finish):
                self._barrier = False
                self._effects.extendleft(reversed(self._marked(done())))
                self._input([])

        self.disk.change(change, finish)

    # Performs a barrier on the disk; returns the report for the replica.
    def _change(self, effect: e.Effect) -> Callable[[], list[e.Effect]]:
        replica = self.replica
        if isinstance(effect, e.Promise):
            if self.promise_is_durable:
                self.disk.store(promised=effect.epoch)
            return list
        if isinstance(effect, e.Truncate):
            removed = self.disk.cut(effect.first_removed)
            self._checks.truncated(self.name, effect.first_removed, removed)
            return lambda: replica.on_truncated(self.now(), effect.first_removed)
        if not isinstance(effect, e.InstallSnapshot):
            raise TypeError(effect)
        payload = b"".join(self._chunks)
        snapshot = StoredSnapshot(effect.log_index, effect.chain_digest, payload)
        self._checks.truncated(self.name, *self._beyond(effect.log_index))
        self.disk.restart_after(snapshot)
        self.installed += 1

        def report() -> list[e.Effect]:
            engine = self._make_engine(self.name)
            engine.restore(payload)
            self._checks.installed(self.name, effect.log_index, engine.events_digest())
            self.venue = Venue(engine, self.name)
            self._commit_to = effect.log_index
            self._offer(snapshot)
            return replica.on_installed(self.now(), effect.log_index, effect.chain_digest)

        return report

    # What the snapshot does not hold, and the log did.
    def _beyond(self, log_index: int) -> tuple[int, list[bytes]]:
        first = max(log_index + 1, self.disk.first_index)
        return first, self.disk.digests[first - self.disk.first_index :]

    def _still(self, boot: int, again: Callable[[], None]) -> bool:
        return boot == self.boot and not self._defer(again)

    def _apply(self) -> None:
        while self.venue.applied_index < self._commit_to and self.is_up:
            index = self.venue.applied_index + 1
            try:
                entry = self.disk.read(index)
            except CorruptionError:
                self.is_corrupt = True
                self.end(power=False, why="met a damaged record")
                return
            applied = self.venue.apply(index, entry)
            digest = self.venue.engine.events_digest()
            chain = self.disk.chain_digest(index)
            self._checks.applied(self.name, index, chain, entry, digest)
            if applied.draft is not None:
                self._checks.acknowledges(self.name, self.venue.epoch)
                for submission, position in applied.draft.submissions:
                    submission.done(Outcome(applied.batch, position, submission.command_count))
            self._input(self.replica.on_applied(self.now(), index, digest))
            if index % self._shape.snapshot_every == 0:
                self._take_snapshot(index)

    def _take_snapshot(self, index: int) -> None:
        digest = self.disk.chain_digest(index)
        snapshot = StoredSnapshot(index, digest, self.venue.engine.snapshot())
        drop = self._world.odds(50)
        boot = self.boot

        def change() -> None:
            if index <= self.disk.last_index and index >= self.disk.base_index:
                self.disk.snapshot = snapshot
                if drop:
                    self.disk.drop_prefix(index + 1)

        def finish() -> None:
            if self._still(boot, finish) and self.disk.snapshot == snapshot:
                self._offer(snapshot)

        self.disk.change(change, finish)

    def _offer(self, snapshot: StoredSnapshot) -> None:
        count = max(1, -(-len(snapshot.payload) // CHUNK_BYTES))
        facts = SnapshotFacts(snapshot.log_index, snapshot.chain_digest, count, b"sim")
        self._input(self.replica.on_snapshot(self.now(), facts))

    def _read(self, effect: e.ReadEntries | e.ReadChunk) -> None:
        now = self.now()
        if isinstance(effect, e.ReadChunk):
            snapshot = self.disk.snapshot
            data = None
            if snapshot is not None and snapshot.log_index == effect.log_index:
                start = effect.chunk * CHUNK_BYTES
                data = snapshot.payload[start : start + CHUNK_BYTES]
            self._input(self.replica.on_chunk_read(now, effect, data))
            return
        last = min(effect.last, effect.first + READ_ENTRIES_MAX - 1)
        try:
            entries = [self.disk.read(index) for index in range(effect.first, last + 1)]
        except CorruptionError:
            self.is_corrupt = True
            self.end(power=False, why="met a damaged record")
            return
        self._input(self.replica.on_entries_read(now, effect, entries))

    def _draft(self) -> None:
        if not self.is_up:
            return
        wall = max(1_700_000_000_000_000_000 + self._world.now + self.wall_jump_ns, 1)
        while True:
            last = self.replica.last_index
            draft = self.venue.draft(wall, last)
            if draft is None:
                return
            epoch = self.venue.epoch
            try:
                effects = self.replica.propose(self.now(), epoch, draft.log_index, draft.entry)
            except NotPrimaryError:
                self.venue.follow()  # deposed; the role is behind a barrier
                return
            self._write([(draft.log_index, draft.entry)], self.replica.committed_index)
            self._input(effects)
