"""The state of a board (contract §4, board) and the class that holds one while it is folded.

Ids name an element within its list. They are non-empty strings or finite numbers and compare as the text
JavaScript prints for them, so that 7 and "7" are one element.
"""

from __future__ import annotations

from typing import Any, Final, Literal, TypedDict

Element = dict[str, Any]
ListName = Literal["strokes", "objects", "assets", "layers"]
LISTS: Final[tuple[ListName, ...]] = ("strokes", "objects", "assets", "layers")

_SAFE_INTEGER = 2**53 - 1
_SMALLEST_FRACTION = 1e-6
"""Below it JavaScript prints numbers with an exponent: no id anybody would make."""


class BoardState(TypedDict):
    """The board at one version: always all keys, elements in the order of their first version."""

    strokes: list[Element]
    objects: list[Element]
    assets: list[Element]
    layers: list[Element]
    background: Any


def empty_state(background: Any = None) -> BoardState:
    """A board nothing was drawn on; `background` is the session's `settings.board_background`."""
    return {"strokes": [], "objects": [], "assets": [], "layers": [], "background": background}


def normalise_state(state: Any) -> BoardState:
    """`state` with all its keys and no other; what is no object goes, of one id the last element stays."""
    return Board(state).state()


def element_key(value: Any) -> str | None:
    """The text by which an element's id is compared, None for what cannot be an id."""
    if isinstance(value, str):
        return value or None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    if value == 0:
        return "0"
    if not _SMALLEST_FRACTION <= abs(value) <= _SAFE_INTEGER:
        return None
    if value == int(value):
        return str(int(value))
    return repr(value) if abs(value) >= 1e-4 else _without_exponent(value)


class Board:
    """A board that is being folded: every change costs the same, however much is drawn.

    It shares the elements it was given and hands out, and never changes one: a merge makes a new one.
    """

    __slots__ = ("_background", "_lists")

    def __init__(self, state: Any = None) -> None:
        self.replace(state)

    def replace(self, state: Any) -> None:
        """Take `state` instead of what there is, normalised; what is no object is an empty board."""
        whole = state if isinstance(state, dict) else {}
        self._lists = {name: _by_key(whole.get(name)) for name in LISTS}
        self._background = whole.get("background")

    def state(self) -> BoardState:
        """The state as plain JSON, in new lists."""
        lists = self._lists
        return {
            "strokes": list(lists["strokes"].values()),
            "objects": list(lists["objects"].values()),
            "assets": list(lists["assets"].values()),
            "layers": list(lists["layers"].values()),
            "background": self._background,
        }

    def put(self, where: ListName, key: str, element: Element) -> None:
        """Add `element`, or replace the one of its id where it stands."""
        self._lists[where][key] = element

    def merge(self, where: ListName, key: str, changes: Element) -> None:
        """Merge `changes` (they carry the id) into the element, whose id stays; an unknown one is added."""
        old = self._lists[where].get(key)
        self._lists[where][key] = changes if old is None else {**old, **changes, "id": old["id"]}

    def remove(self, where: ListName, key: str) -> None:
        """Take the element away, if it is there."""
        self._lists[where].pop(key, None)

    def clear(self) -> None:
        """Strokes, objects and assets go; layers and background stay."""
        for name in LISTS:
            if name != "layers":
                self._lists[name] = {}


def _by_key(elements: Any) -> dict[str | int, Element]:
    """Elements by key, in order. One without an id stays, but nothing can name it: its key is its place."""
    known: dict[str | int, Element] = {}
    for place, element in enumerate(elements if isinstance(elements, list) else ()):
        if isinstance(element, dict):
            key = element_key(element.get("id"))
            known[place if key is None else key] = element
    return known


def _without_exponent(value: float) -> str:
    digits, exponent = repr(abs(value)).split("e-")
    sign = "-" if value < 0 else ""
    return f"{sign}0.{'0' * (int(exponent) - 1)}{digits.replace('.', '')}"
