"""What the machine asks of its shell: one list of effects for each input, in order.

Room: values only. The duties of the shell, which no type can state:

1. Perform the effects of one input in order, those of an earlier input first.
2. Promise, Truncate, InstallSnapshot and NewGeneration are barriers: they are durable before
   anything after them is done or sent. The others may overlap what follows.
3. Append, Truncate, StoreChunk and InstallSnapshot go to the one writer of the log, in this order.
   That writer reports in its order: `on_durable` when an Append is flushed, `on_truncated` after a
   Truncate, `on_installed` when a snapshot is in place.
4. CompareAndSet runs elsewhere; it must not hold up sends. Its outcome comes by `on_cas_result`,
   the new value by `on_register`, in either order.
5. After Halt perform nothing more: the process stops (fail-stop).
"""

from __future__ import annotations

import msgspec

from replication.messages import Envelope
from replication.register import RegisterValue


class Effect(msgspec.Struct, frozen=True):
    """Root of all effects."""


class Send(Effect, frozen=True):
    """Send to a peer, on its present link; drop it if that link is gone."""

    peer: str
    envelope: Envelope


class Append(Effect, frozen=True):
    """Follower: write entries [(index, entry)], then report `on_durable`.

    `committed` is stored in the same transaction; it is never beyond the last of these entries.
    """

    entries: list[tuple[int, bytes]]
    committed: int


class Truncate(Effect, frozen=True):
    """Move the entries from `first_removed` on into quarantine, then `on_truncated`. Barrier."""

    first_removed: int
    reason: str


class Promise(Effect, frozen=True):
    """Store that no epoch below `epoch` is listened to. Barrier."""

    epoch: int


class CompareAndSet(Effect, frozen=True):
    """Ask the register; report with `token`."""

    token: int
    expected_version: int
    new: RegisterValue


class Committed(Effect, frozen=True):
    """Entries up to `index` are committed and durable here: apply and publish them."""

    index: int


class Role(Effect, frozen=True):
    """The role changed.

    Attributes:
        role: "primary", "standby", "dr", "joining", "fenced" or "stopped".
        epoch: leadership under which entries are written; for a primary constant while it leads.
        primary: who leads, "" = unknown.
    """

    role: str
    epoch: int
    primary: str


class Hold(Effect, frozen=True):
    """Primary: draft no entry (True), or go on (False); a planned switch is under way."""

    on: bool


class ReadEntries(Effect, frozen=True):
    """Read entries from the journal for a peer and report `on_entries_read`.

    Attributes:
        peer: for whom.
        link: generation of its link; hand it back.
        first: index of the first entry.
        last: index of the last one wanted (inclusive); fewer may be given, at least one.
        bytes_max: stop before an entry that would exceed this, but give one.
    """

    peer: str
    link: int
    first: int
    last: int
    bytes_max: int


class ReadChunk(Effect, frozen=True):
    """Read a chunk of the snapshot at `log_index` and report `on_chunk_read`."""

    peer: str
    link: int
    log_index: int
    chunk: int


class StoreChunk(Effect, frozen=True):
    """Follower: keep a received chunk of the snapshot at `log_index` (0 begins anew)."""

    log_index: int
    chunk: int
    data: bytes


class InstallSnapshot(Effect, frozen=True):
    """Follower: replace log and state by the snapshot that was stored. Barrier.

    The log begins anew after (`log_index`, `chain_digest`); what it had above `common` is
    quarantined. Report `on_installed`, or `on_install_failed` if it does not verify.
    """

    log_index: int
    chain_digest: bytes
    chunk_count: int
    manifest: bytes
    common: int


class Membership(Effect, frozen=True):
    """Primary: the register changed under this leadership; to be recorded in the log."""

    value: RegisterValue
    what: str


class NewGeneration(Effect, frozen=True):
    """DR was promoted: store generation and register value; the register is this node's own now.

    Barrier.
    """

    value: RegisterValue


class Answer(Effect, frozen=True):
    """Outcome of an operator's request."""

    request: int
    ok: bool
    text: str


class Alarm(Effect, frozen=True):
    """An operator should look; "" ends the alarm of this name."""

    name: str
    text: str


class CloseLink(Effect, frozen=True):
    """Close a peer's link: it was refused or broke the protocol."""

    peer: str
    link: int
    why: str


class Halt(Effect, frozen=True):
    """Stop the process (fail-stop)."""

    code: str
    text: str
