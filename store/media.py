"""Media states: whose camera, microphone and screen are on (contract §2)."""

from __future__ import annotations

from typing import Any

import orjson

from schemas.errors import NOT_FOUND, Refused
from schemas.ids import UserId, user_key
from store.actor import Actor
from store.session_scripts import SessionScripts
from store.sessions import Sessions

MediaState = dict[str, Any]
"""`{user_id, video_enabled, audio_enabled, screen_sharing, updated_at}`."""


class MediaStates:
    """The media state store."""

    def __init__(self, scripts: SessionScripts, sessions: Sessions) -> None:
        self._scripts = scripts
        self._sessions = sessions

    async def update_media_state(
        self,
        uuid: str,
        actor: Actor,
        *,
        video_enabled: bool | None = None,
        audio_enabled: bool | None = None,
        screen_sharing: bool | None = None,
    ) -> MediaState:
        """The actor's state after the change (None leaves a field); the others are told when something
        changed.

        `Refused`: forbidden when the permission to switch something on is missing.
        """
        reply = await self._scripts.run(
            "set_media", uuid, actor, video=video_enabled, audio=audio_enabled, screen=screen_sharing
        )
        state: MediaState = orjson.loads(reply[0])
        return state

    async def get_all_media_states(self, uuid: str, actor: Actor) -> list[MediaState]:
        """Everybody's, in the order in which they came to the session."""
        states: list[MediaState] = (await self._sessions.get_classroom_session(uuid, actor, "media")).value
        return states

    async def get_participant_media_state(self, uuid: str, actor: Actor, user_id: UserId) -> MediaState:
        """One participant's; `Refused(NOT_FOUND)` when they are none."""
        for state in await self.get_all_media_states(uuid, actor):
            if user_key(state["user_id"]) == user_key(user_id):
                return state
        raise Refused(NOT_FOUND, "That person is not in this session.")
