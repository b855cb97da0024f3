"""Counters of the gRPC calls, under the names that dashboards know (grpc-prometheus).

| metric                                                          | type      | unit     |
|-----------------------------------------------------------------|-----------|----------|
| grpc_server_started_total{grpc_type,grpc_service,grpc_method}   | counter   | calls    |
| grpc_server_handled_total{..., grpc_code}                       | counter   | calls    |
| grpc_server_handling_seconds{...}                               | histogram | seconds  |

Room: the registration and one object per method whose children are bound once.
"""

from __future__ import annotations

import functools

from grpc import StatusCode
from prometheus_client import CollectorRegistry, Counter, Histogram

LABELS = ("grpc_type", "grpc_service", "grpc_method")
BUCKETS_S = (0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
"""From half of one fsync to what a person calls broken."""

CODE_NAMES = {
    code: "".join(part.capitalize() for part in code.name.split("_")) if code.name != "OK" else "OK"
    for code in StatusCode
}
"""As grpc-go spells them: OK, InvalidArgument, ..."""


class CallMetrics:
    """Counts the calls of all methods into one registry."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._started = Counter("grpc_server_started", "Calls begun", LABELS, registry=registry)
        self._handled = Counter(
            "grpc_server_handled", "Calls ended", (*LABELS, "grpc_code"), registry=registry
        )
        self._seconds = Histogram(
            "grpc_server_handling_seconds",
            "Time of calls on the server",
            LABELS,
            registry=registry,
            buckets=BUCKETS_S,
        )

    def method(self, kind: str, service: str, name: str) -> MethodMetrics:
        """The counters of one method; `kind` is unary, server_stream or bidi_stream."""
        labels = (kind, service, name)
        return MethodMetrics(
            self._started.labels(*labels), self._handled, self._seconds.labels(*labels), labels
        )


class MethodMetrics:
    """Counts the calls of one method."""

    def __init__(
        self, started: Counter, handled: Counter, seconds: Histogram, labels: tuple[str, str, str]
    ) -> None:
        self._started = started
        self._handled = handled
        self._seconds = seconds
        self._labels = labels
        self._by_code: dict[StatusCode, Counter] = {}

    def started(self) -> None:
        """A call begins."""
        self._started.inc()

    def ended(self, code: StatusCode, seconds: float) -> None:
        """The call ended with `code` after `seconds`."""
        counter = self._by_code.get(code)
        if counter is None:
            counter = self._handled.labels(*self._labels, CODE_NAMES[code])
            self._by_code[code] = counter
        counter.inc()
        self._seconds.observe(seconds)


@functools.cache
def call_metrics(registry: CollectorRegistry) -> CallMetrics:
    """The counters of a registry, made once: a registry takes each name only once."""
    return CallMetrics(registry)
