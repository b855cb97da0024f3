"""Metrics: what a Prometheus server scrapes from a node.

Room: names and the translation of figures that the core keeps anyway; nothing is counted here, so
nothing is paid on the order path. The gRPC counters are the gateway's and share the registry.

| metric                                   | type    | unit                                        |
|------------------------------------------|---------|---------------------------------------------|
| exchange_log_durable_index               | gauge   | log index that is on disk                   |
| exchange_log_applied_index               | gauge   | log index that was applied and delivered    |
| exchange_log_committed_index             | gauge   | log index that is known to be committed     |
| exchange_takes_commands                  | gauge   | 1 on the primary with its lease, else 0     |
| exchange_age_seconds                     | gauge   | since this node knew everything committed   |
| exchange_event_seq                       | gauge   | newest event sequence number                |
| exchange_epoch                           | gauge   | leadership                                  |
| exchange_open_orders                     | gauge   | orders                                      |
| exchange_pending_commands                | gauge   | commands admitted, not yet answered         |
| exchange_subscribers                     | gauge   | readers of all feeds                        |
| exchange_disk_free_bytes                 | gauge   | bytes                                       |
| exchange_alarms                          | gauge   | alarms raised now                           |
| exchange_kill_switches                   | gauge   | kill switches engaged                       |
| exchange_orders_accepted_total           | counter | orders since start                          |
| exchange_orders_rejected_total{reason}   | counter | orders since start, by reject reason        |
| exchange_trades_total                    | counter | trades since start                          |
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from prometheus_client import REGISTRY, start_http_server
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily
from prometheus_client.registry import Collector

from exchange.errors import OperatorFault

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

    from exchange.core import MarketCore


class CoreCollector(Collector):
    """Reads one core at scrape time, on the scraper's thread: plain integers, no locks."""

    def __init__(self, core: MarketCore) -> None:
        self._core = core

    def collect(self) -> Iterator[Metric]:
        """The families of the module docstring."""
        status = self._core.status()[0]
        statistics = self._core.statistics
        gauges = (
            ("exchange_log_durable_index", "Log index that is on disk", status.durable_seq),
            ("exchange_log_applied_index", "Log index that was applied", status.applied_seq),
            ("exchange_log_committed_index", "Log index committed", status.committed_seq),
            ("exchange_takes_commands", "Whether commands are taken here", int(status.may_serve)),
            ("exchange_age_seconds", "Age of what is read here", self._core.age_ns / 1e9),
            ("exchange_event_seq", "Newest event sequence number", self._core.last_seq),
            ("exchange_epoch", "Leadership", status.epoch),
            ("exchange_open_orders", "Open orders", status.open_orders),
            ("exchange_pending_commands", "Commands not yet answered", status.pending_commands),
            ("exchange_subscribers", "Readers of all feeds", status.subscribers),
            ("exchange_disk_free_bytes", "Free disk", status.disk_free_bytes),
            ("exchange_alarms", "Alarms raised now", len(status.alarms)),
            (
                "exchange_kill_switches",
                "Kill switches engaged",
                self._core.directory.kill_switch_count(),
            ),
        )
        for name, text, value in gauges:
            yield GaugeMetricFamily(name, text, value=value)
        yield CounterMetricFamily(
            "exchange_orders_accepted", "Orders accepted", value=statistics.accepted
        )
        yield CounterMetricFamily("exchange_trades", "Trades", value=statistics.trades)
        rejected = CounterMetricFamily(
            "exchange_orders_rejected", "Orders rejected", labels=["reason"]
        )
        for reason, count in sorted(statistics.rejected.copy().items()):
            rejected.add_metric([reason], count)
        yield rejected


class MetricsServer:
    """The /metrics endpoint of a node; binds when made.

    Raises:
        OperatorFault: the address cannot be listened on.
    """

    def __init__(self, core: MarketCore, host: str, port: int) -> None:
        self._collector = CoreCollector(core)
        REGISTRY.register(self._collector)
        try:
            self._server, self._thread = start_http_server(port, host, REGISTRY)
        except OSError as error:
            REGISTRY.unregister(self._collector)
            raise OperatorFault(
                f"cannot serve metrics on {host}:{port}: {error.strerror}; change metrics_listen"
            ) from error

    @property
    def port(self) -> int:
        """The port in use."""
        return int(self._server.server_port)

    def stop(self) -> None:
        """Stop serving."""
        stop: Callable[[], None] = self._server.shutdown
        stop()
        self._server.server_close()
        self._thread.join()
        REGISTRY.unregister(self._collector)
