from schemas.errors import STORE_UNAVAILABLE
from store.script_call import ScriptCall, played
from store.scripts import load_scripts
from tests.support.stores import refusal

SCRIPTS = load_scripts()


def test_a_script_the_store_does_not_know_goes_as_text() -> None:
    """The digest first, and the text where the store asks for it."""
    call = ScriptCall(SCRIPTS["kick"], ["k"], ["a", "b"])
    assert call.command("x") == ["EVALSHA", SCRIPTS["kick"].sha, 1, "k", "a", "b", "lineage", "x"]
    call.by_text = True
    assert call.command("x")[:2] == ["EVAL", SCRIPTS["kick"].text]


def test_scripts_that_are_not_about_sessions_have_no_history() -> None:
    """Their arguments are by place, and stay as they are."""
    call = ScriptCall(SCRIPTS["booking_move"], ["k"], ["a"])
    assert call.command("x") == ["EVALSHA", SCRIPTS["booking_move"].sha, 1, "k", "a"]
    assert call.asks_about([b"lineage"]) is None


def test_a_history_that_ended_is_continued_and_one_that_lives_adopted() -> None:
    """What a primary had that is gone may be lost; what was moved between two that live was moved whole."""
    call = ScriptCall(SCRIPTS["kick"], ["k"], [])
    assert call.asks_about([b"ok", b"lineage"]) is None
    assert call.asks_about([b"lineage", b"old"]) == "old"
    call.explain("old", lives=False)
    assert call.command("new")[-4:] == ["lineage", "new", "continues", "old"]
    call.explain("other", lives=True)
    assert call.command("new")[-4:] == ["lineage", "new", "adopts", "other"]


async def test_a_store_that_comes_to_no_end() -> None:
    """A session whose history is asked about again and again is given up, and the caller told so."""
    asked: list[str] = []

    async def send() -> object:
        return [b"lineage", b"%d" % len(asked)]

    async def lives(lineage: str) -> bool:
        asked.append(lineage)
        return False

    assert await refusal(played(ScriptCall(SCRIPTS["kick"], ["k"], []), send, lives)) is STORE_UNAVAILABLE
    assert asked == ["0", "1", "2", "3"]
