"""Everything a handler needs, put together once by `server.py` and handed to all of them."""

from __future__ import annotations

from dataclasses import dataclass, field

from handlers.auth import PlatformAuth
from handlers.drawing import Drawing
from handlers.heartbeat import Heartbeat
from handlers.hub import Hub
from handlers.limits import MessageLimits, RateLimits
from handlers.welcome import HEARTBEAT_SECONDS
from handlers.wire import Flusher
from schemas.classroom_token import ClassroomTokens
from schemas.config import Config
from store.board import Boards
from store.bookings import Bookings
from store.client import Client
from store.events import Events
from store.media import MediaStates
from store.metrics import Metrics
from store.participants import Participants
from store.presence import Presence
from store.relay import Relay
from store.requests import Requests
from store.sessions import Sessions


@dataclass(slots=True)
class Services:
    """One server's parts. `draining` is set when it is asked to stop: not ready, no new sockets."""

    config: Config
    client: Client
    sessions: Sessions
    participants: Participants
    media: MediaStates
    events: Events
    bookings: Bookings
    boards: Boards
    presence: Presence
    requests: Requests
    relay: Relay
    hub: Hub
    auth: PlatformAuth
    tokens: ClassroomTokens
    metrics: Metrics
    writes: RateLimits
    message_limits: MessageLimits
    flusher: Flusher = field(default_factory=Flusher)
    heartbeat: Heartbeat = field(default_factory=lambda: Heartbeat(HEARTBEAT_SECONDS))
    drawing: Drawing = field(default_factory=Drawing)
    draining: bool = False
