"""What operators and load balancers ask (contract §5)."""

from __future__ import annotations

from prometheus_client import CONTENT_TYPE_LATEST, generate_latest

from handlers.base import Base


class Health(Base):
    """Alive: 200 while the process works, whatever the store does."""

    allowed_methods = ("GET", "HEAD")

    def get(self) -> None:
        """Answers."""
        self.finish_json({"status": "ok"})

    head = get


class Ready(Base):
    """Ready for traffic: the store answers, the relay is subscribed, and nobody asked us to stop."""

    allowed_methods = ("GET", "HEAD")

    def get(self) -> None:
        """200 or 503, and why."""
        checks = {
            "store": self.services.client.available,
            "relay": self.services.relay.ready,
            "draining": self.services.draining,
        }
        ready = checks["store"] and checks["relay"] and not checks["draining"]
        if not ready:
            self.set_header("Retry-After", "1")
        self.finish_json({"status": "ready" if ready else "not ready", **checks}, 200 if ready else 503)

    head = get


class MetricsPage(Base):
    """Prometheus text."""

    def get(self) -> None:
        """Answers."""
        self.set_header("Content-Type", CONTENT_TYPE_LATEST)
        self.services.metrics.look_at_process()
        self.finish(generate_latest(self.services.metrics.registry))
