"""What Prometheus is told of a watch."""

from __future__ import annotations

import time
from collections import Counter as Tally
from collections.abc import Callable, Iterable
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Info, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from loader import __version__
from loader.schedule.state import Last
from loader.verdicts import Severity

Lasts = Callable[[], dict[str, Last]]
Due = Callable[[], dict[str, float]]
Late = Callable[[], dict[str, bool]]


class _Ages(Collector):
    """Ages grow by themselves, so they are told when they are asked for."""

    def __init__(self, lasts: Lasts, due: Due, late: Late) -> None:
        self._lasts, self._due, self._late = lasts, due, late

    def collect(self) -> Iterable[GaugeMetricFamily]:
        whole = GaugeMetricFamily(
            "azgraph_last_whole_run_age_seconds",
            "How long ago the last run ended in which everything was loaded; -1 where there was none",
            labels=["account"],
        )
        loaded = GaugeMetricFamily(
            "azgraph_last_run_age_seconds",
            "How long ago the last run ended that was complete or partial; -1 where there was none",
            labels=["account"],
        )
        failing = GaugeMetricFamily(
            "azgraph_failed_runs_in_a_row", "Runs in a row that loaded nothing", labels=["account"]
        )
        for name, last in self._lasts().items():
            whole.add_metric([name], time.time() - last.whole if last.whole else -1)
            loaded.add_metric([name], time.time() - last.loaded if last.loaded else -1)
            failing.add_metric([name], last.failures)
        due = GaugeMetricFamily("azgraph_next_run_timestamp_seconds", "When the next run is due", labels=["account"])
        for name, at in self._due().items():
            due.add_metric([name], at)
        late = GaugeMetricFamily(
            "azgraph_late",
            "Whether two turns, and what it may wait for others, have passed since the last run that loaded anything",
            labels=["account"],
        )
        for name, is_late in self._late().items():
            late.add_metric([name], is_late)
        return (whole, loaded, failing, due, late)


class Metrics:
    """The counts of one watch, in a registry of its own.

    An instance is the label `account`: `instance` is Prometheus' own name for whom it asks.
    """

    def __init__(self, lasts: Lasts, due: Due, late: Late) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Ages(lasts, due, late))
        by_account = ["account"]
        self._runs = self._counter("runs", "Runs by how they ended", ["account", "status"])
        self._follow_ups = self._counter(
            "follow_up_failures", "Rules, packs and the state that failed", ["account", "what"]
        )
        self._calls = self._counter("calls", "Requests sent to Azure, retries included", by_account)
        self._throttled = self._counter("throttled", "Answers by which Azure asked for patience", by_account)
        self._waited = self._counter("throttling_wait_seconds", "Waits for Azure, all requests together", by_account)
        self._duration = self._gauge("run_duration_seconds", "How long the last run took", by_account)
        self._entities = self._gauge("entities", "Entities of the last run", by_account)
        self._steps = self._gauge("steps", "Steps of the last run by how they ended", ["account", "status"])
        self._alerts = self._gauge("alerts", "Alerts that are not resolved", ["severity"])
        self._configured = self._gauge(
            "configuration_valid", "Whether the last configuration that was read is right", []
        )
        Info("azgraph", "The version", registry=self._registry).info({"version": __version__})
        self._configured.set(1)

    def text(self) -> bytes:
        """All of it, as Prometheus reads it."""
        return generate_latest(self._registry)

    def ran(self, name: str, last: Last, seconds: float, told: Any) -> None:
        """A run has ended. told: the summary that it printed, if it did."""
        self._runs.labels(name, last.status).inc()
        self._duration.labels(name).set(seconds)
        if not isinstance(told, dict):
            return
        http = told.get("http") or {}
        self._calls.labels(name).inc(http.get("calls", 0))
        self._throttled.labels(name).inc(http.get("throttled", 0))
        self._waited.labels(name).inc(sum(one.get("waited", 0) for one in told.get("throttling") or ()))
        self._entities.labels(name).set(sum((told.get("entities") or {}).values()))
        ended = Tally(str(step.get("status")) for step in told.get("steps") or ())
        for status in ("complete", "skipped", "unavailable", "forbidden", "failed"):
            self._steps.labels(name, status).set(ended[status])

    def alerts(self, listed: list[Any]) -> None:
        """The alerts that are not resolved."""
        counts = Tally(str(one.get("severity")) for one in listed if isinstance(one, dict))
        for severity in Severity:
            self._alerts.labels(str(severity)).set(counts[str(severity)])

    def follow_up_failed(self, name: str, what: str) -> None:
        """Something that follows a run failed."""
        self._follow_ups.labels(name, what).inc()

    def configured(self, *, valid: bool) -> None:
        """A configuration was read anew."""
        self._configured.set(valid)

    def _counter(self, name: str, meaning: str, labels: list[str]) -> Counter:
        return Counter(f"azgraph_{name}", meaning, labels, registry=self._registry)

    def _gauge(self, name: str, meaning: str, labels: list[str]) -> Gauge:
        return Gauge(f"azgraph_{name}", meaning, labels, registry=self._registry)
