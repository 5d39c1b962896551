"""What the board's REST calls answer (contract §3, the board rows)."""

from __future__ import annotations

from marshmallow import INCLUDE

from schemas.answer_fields import Out, count, flag, text, time, user_id
from schemas.fields import Flat, JsonObject, doc


class AutosaveOut(Out):
    """Where the server's own board is."""

    version = count("The server's version.", 12)
    stale = flag("The client's version was older.", example=False)


class AuthorOut(Out):
    """Who did it."""

    id = user_id()
    name = text("How the person is called.", "Ada")


class SnapshotOut(Out):
    """A kept state of the board, without the state."""

    version = count("The board's version that was kept.", 12)
    snapshot_type = text("Who wanted it kept.", "manual", "manual", "auto")
    created_at = time("When it was kept.")
    created_by = Flat(AuthorOut, metadata={"description": "Who kept it, or who had changed the board last."})
    size_bytes = count("Its size as JSON.", 2048)
    participant_count = count("How many people were connected.", 2)
    thumbnail_url = text("There is none.", None, null=True)


def _board_state() -> JsonObject:
    return JsonObject(metadata=doc("The whole board.", {"strokes": [], "objects": [], "assets": []}))


class SnapshotsOut(Out):
    """What is kept of a board."""

    snapshots = Flat(SnapshotOut, many=True, metadata={"description": "Newest first."})


class SnapshotStateOut(SnapshotOut):
    """A kept state of the board."""

    board_state = _board_state()


class RestoreOut(Out):
    """The board as it is now; the state's own keys are at the top too."""

    class Meta:
        unknown = INCLUDE

    version = count("The new version: versions only go up.", 13)
    board_state = _board_state()
    state = _board_state()


class HistoryEntryOut(Out):
    """The board at one version."""

    id = count("One for each entry.", 12)
    version = count("The board's version.", 12)
    state = _board_state()
    created_at = time("When it was changed last, or kept.")
    created_by = Flat(AuthorOut, metadata={"description": "By whom."})


class FileOut(Out):
    """A file: JSON, SVG or PNG."""
