from schemas.errors import FORBIDDEN, NOT_FOUND, SESSION_OVER
from tests.support.stores import HOST, STUDENT, Stores, refusal


async def seated(stores: Stores, **changes: object) -> str:
    """A lesson in which both have a seat."""
    uuid = await stores.lesson(**changes)
    for person in (HOST, STUDENT):
        await stores.participants.get_or_create_participant(uuid, person)
    return uuid


async def test_the_others_are_told_when_something_changed(stores: Stores) -> None:
    """A camera that is switched on is announced once; the same again is no news, and no event."""
    uuid = await seated(stores)
    stores.relay.start()
    await stores.follow(uuid)
    state = await stores.media.update_media_state(uuid, STUDENT, video_enabled=True, audio_enabled=False)
    assert (state["user_id"], state["video_enabled"], state["audio_enabled"]) == (2, True, False)
    assert await stores.media.update_media_state(uuid, STUDENT, video_enabled=True) == state
    after = await stores.media.update_media_state(uuid, STUDENT, video_enabled=False, screen_sharing=True)
    await stores.seen.until(lambda: len(stores.seen.entries[uuid]) == 2)
    messages = stores.seen.messages(uuid)
    assert [message["media_state"] for message in messages] == [state, after]
    assert {message["type"] for message in messages} == {"media_state_update"}
    assert (await stores.event_types(uuid)).count("media_state") == 2


async def test_only_switching_on_needs_permission(stores: Stores) -> None:
    """Whoever may no longer use the camera can still switch it off; nothing of a refused change holds."""
    uuid = await seated(stores)
    await stores.media.update_media_state(uuid, STUDENT, video_enabled=True)
    await stores.participants.set_permissions(uuid, HOST, 2, {"can_toggle_video": False})
    refused = stores.media.update_media_state(uuid, STUDENT, video_enabled=True, audio_enabled=True)
    assert await refusal(refused) is FORBIDDEN
    assert (await stores.media.get_participant_media_state(uuid, HOST, "2"))["audio_enabled"] is False
    assert (await stores.media.update_media_state(uuid, STUDENT, video_enabled=False))[
        "video_enabled"
    ] is False


async def test_who_is_shown(stores: Stores) -> None:
    """States are those of people who came, in that order; somebody else has none."""
    uuid = await stores.lesson()
    assert await refusal(stores.media.update_media_state(uuid, STUDENT, video_enabled=True)) is FORBIDDEN
    assert await refusal(stores.media.get_participant_media_state(uuid, HOST, 2)) is NOT_FOUND
    for person in (STUDENT, HOST):
        await stores.participants.get_or_create_participant(uuid, person)
    assert [state["user_id"] for state in await stores.media.get_all_media_states(uuid, HOST)] == [1, 2]


async def test_off_when_they_leave(stores: Stores) -> None:
    """Nobody who left seems to have a camera on."""
    uuid = await seated(stores)
    await stores.media.update_media_state(uuid, STUDENT, video_enabled=True)
    await stores.participants.leave(uuid, STUDENT)
    state = await stores.media.get_participant_media_state(uuid, HOST, 2)
    assert state["video_enabled"] is False


async def test_not_after_the_end(stores: Stores) -> None:
    """An ended lesson takes no changes, and can still be looked at."""
    uuid = await seated(stores)
    await stores.sessions.transition(uuid, HOST, "terminate")
    assert await refusal(stores.media.update_media_state(uuid, HOST, video_enabled=True)) is SESSION_OVER
    assert len(await stores.media.get_all_media_states(uuid, HOST)) == 2
