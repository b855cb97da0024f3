"""A node with a fault built in, for `test_*_catches.py`: `faulty_node.py FAULT node.toml`.

| fault        | what is wrong                                                             |
|--------------|---------------------------------------------------------------------------|
| none         | nothing                                                                   |
| early-answer | commands are acknowledged before their entry is in the log                |
| lost-tail    | a start loses the newest entries, as a disk that lied about a flush would |
| forgetful    | used cl_ord_ids are forgotten, so a command sent again is carried out again |
| believing    | entries are stamped with what the clock says, also when it goes back      |
| patient      | a primary whose disk hangs keeps its place                                |
| careless     | a flush that failed is taken for one that did not                         |
| reckless     | with one copy of the log left it acknowledges, whatever was agreed        |
"""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any, Literal

from exchange import market_host
from exchange.config import load_config
from exchange.engine.reference.engine import ReferenceEngine
from exchange.node import serve
from exchange.sequencer.committer import Committer
from exchange.sequencer.sequencer import Draft, Sequencer
from replication.membership import Membership
from replication.primary import Primary
from storage.data_directory import DataDirectory
from storage.env import WriteTransaction
from storage.errors import DiskFaultError

WRITE_S = 0.02
LOST_ENTRIES = 5


def early_answer() -> None:
    """Turn the order of log and answer around, and let the log take its time."""

    def answer_first(self: Committer, draft: Draft) -> None:
        self._apply(draft)
        time.sleep(WRITE_S)
        self._log.append([(draft.log_index, draft.entry)])

    Committer._write = answer_first  # type: ignore[method-assign]  # noqa: SLF001 - the very place


def lost_tail() -> None:
    """Cut the newest entries off before the node looks."""
    open_directory = DataDirectory.open.__func__  # type: ignore[attr-defined]

    def open_and_cut(cls: type[DataDirectory], path: Path, **settings: object) -> DataDirectory:
        data: DataDirectory = open_directory(cls, path, **settings)
        first_lost = max(data.journal.last_index - LOST_ENTRIES + 1, data.journal.first_index)
        data.journal.truncate_suffix(first_lost, data.quarantine_path, "the fault of this test")
        return data

    DataDirectory.open = classmethod(open_and_cut)  # type: ignore[method-assign, arg-type, assignment]


def forgetful() -> None:
    """Forget every used cl_ord_id before each entry."""
    apply = ReferenceEngine.apply

    def forget_and_apply(self: ReferenceEngine, entry: bytes) -> bytes:
        self._state.remembered_orders.clear()
        return apply(self, entry)

    ReferenceEngine.apply = forget_and_apply  # type: ignore[method-assign]
    market_host.build_engine = lambda _: ReferenceEngine()  # type: ignore[assignment, attr-defined]


def believing() -> None:
    """Stamp the next entry with the clock's time, whatever the newest one has."""
    draft = Sequencer.draft

    def draft_now(self: Sequencer, now_ns: int, timer_ns: int | None) -> Draft | None:
        self._last_ts_ns = now_ns
        return draft(self, now_ns, timer_ns)

    Sequencer.draft = draft_now  # type: ignore[method-assign]


def patient() -> None:
    """Never look at how long a flush takes."""

    def look_away(self: Primary) -> None:
        pass

    Primary._watch_disk = look_away  # type: ignore[method-assign]  # noqa: SLF001 - as above


def careless() -> None:
    """Take every failed transaction for a good one."""
    leave = WriteTransaction.__exit__

    def leave_content(self: WriteTransaction, *why: Any) -> Literal[False]:
        with suppress(DiskFaultError):
            leave(self, *why)
        self._env._fault = None  # noqa: SLF001 - the very place
        return False

    WriteTransaction.__exit__ = leave_content  # type: ignore[method-assign]


def reckless() -> None:
    """One copy is always enough."""

    def enough(self: Membership) -> bool:
        return True

    Membership._one_is_enough = enough  # type: ignore[method-assign]  # noqa: SLF001 - as above
    Primary.may_commit = property(lambda _: True)  # type: ignore[method-assign, assignment]


FAULTS = {
    "none": lambda: None,
    "early-answer": early_answer,
    "lost-tail": lost_tail,
    "forgetful": forgetful,
    "believing": believing,
    "patient": patient,
    "careless": careless,
    "reckless": reckless,
}

if __name__ == "__main__":
    FAULTS[sys.argv[1]]()
    sys.exit(serve(load_config(Path(sys.argv[2]))))
