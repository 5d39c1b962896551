"""Everything that is counted, under one registry per server, shown at `/metrics`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Sequence
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

NAMESPACE = "lessonroom"
PROCESS = Path("/proc/self")
STORE_BUCKETS = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)
REQUEST_BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)


class Metrics:
    """The server's instruments. Labels have few, fixed values: never ids, never anything a client sends."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.connections = self._gauge("connections", "Open sockets", ("kind",))
        self.connections_given_up = self._counter(
            "connections_given_up", "Connections closed because they sent no request and others came"
        )
        self.sessions = self._gauge("sessions", "Sessions with a socket on this instance")
        self.messages_in = self._counter("messages_in", "Messages received from sockets", ("kind",))
        self.messages_out = self._counter("messages_out", "Messages sent to sockets")
        self.messages_dropped = self._counter(
            "messages_dropped", "Ephemeral messages a slow socket did not get"
        )
        self.closes = self._counter("closes", "Sockets closed by the server", ("code",))
        self.errors = self._counter("errors", "Refusals, over REST and sockets", ("code",))
        self.requests = self._counter("requests", "HTTP requests answered", ("method", "status"))
        self.request_seconds = self._histogram("request_seconds", "Time to answer a request", REQUEST_BUCKETS)
        self.relay_gaps = self._counter("relay_gaps", "Times that messages were found missing in a session")
        self.relay_heals = self._counter("relay_heals", "Times that a session was healed from its log")
        self.relay_resyncs = self._counter("relay_resyncs", "Times that a session's log did not reach back")
        self.relay_put_off = self._counter(
            "relay_put_off", "Messages of a room far behind: read from its log later, or dropped if ephemeral"
        )
        self.relay_reconnects = self._counter("relay_reconnects", "Subscriber connections made")
        self.store_seconds = self._histogram(
            "store_seconds", "Time of one pipeline to the store", STORE_BUCKETS
        )
        self.store_failures = self._counter("store_failures", "Pipelines that failed")
        self.store_unconfirmed = self._counter(
            "store_unconfirmed", "Pipelines whose writes too few replicas confirmed"
        )
        self.store_up = self._gauge("store_up", "1 while the store answers")
        self.subscriptions = self._gauge("subscriptions", "Sessions this instance is subscribed to")
        self.tasks = self._gauge("tasks", "Tasks in the event loop")
        self.open_files = self._gauge("open_files", "Open sockets and files of the process (Linux)")
        self.resident_bytes = self._gauge("resident_bytes", "Memory of the process (Linux)")

    def look_at_process(self) -> None:
        """Measures the process itself; to be called in the event loop, before the registry is shown."""
        self.tasks.set(len(asyncio.all_tasks()))
        if PROCESS.exists():
            self.open_files.set(len(list((PROCESS / "fd").iterdir())))
            pages = int((PROCESS / "statm").read_text().split()[1])
            self.resident_bytes.set(pages * os.sysconf("SC_PAGE_SIZE"))

    def _counter(self, name: str, text: str, labels: Sequence[str] = ()) -> Counter:
        return Counter(name, text, labels, namespace=NAMESPACE, registry=self.registry)

    def _gauge(self, name: str, text: str, labels: Sequence[str] = ()) -> Gauge:
        return Gauge(name, text, labels, namespace=NAMESPACE, registry=self.registry)

    def _histogram(self, name: str, text: str, buckets: Sequence[float]) -> Histogram:
        return Histogram(name, text, namespace=NAMESPACE, registry=self.registry, buckets=buckets)
