"""Callers whom this node will not answer: the leadership ended under their commands.

Room: from an error to the future that waits. Event loop thread.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from exchange.errors import ExchangeError
from exchange.model.batch import Outcome
from exchange.sequencer.sequencer import Submission


def failure_of(future: asyncio.Future[Outcome]) -> Callable[[ExchangeError], None]:
    """What tells the waiter of `future` that there is no outcome for it."""

    def fail(error: ExchangeError) -> None:
        future.set_exception(error)
        future.exception()  # a caller that went away does not ask any more

    return fail


def fail_all(submissions: list[Submission], error: ExchangeError) -> None:
    """Tell all of them."""
    for submission in submissions:
        submission.failed(error)


def nothing(_: ExchangeError) -> None:
    """Nobody waits: the next leadership writes its own first entry."""
