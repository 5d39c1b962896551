from handlers.commands.paging import page_of

QUERY = {"page": 1, "page_size": 2, "status": ("active", "paused")}


def test_pages_lead_to_each_other() -> None:
    """A client that follows `next` sees everything once; the addresses keep its filters."""
    first = page_of([1, 2, 3], QUERY, "/x/")
    assert (first["count"], first["previous"], first["results"]) == (3, None, [1, 2])
    assert first["next"] == "/x/?page=2&page_size=2&status=active%2Cpaused"
    second = page_of([1, 2, 3], {**QUERY, "page": 2}, "/x/")
    assert (second["next"], second["results"]) == (None, [3])
    assert second["previous"] == "/x/?page=1&page_size=2&status=active%2Cpaused"


def test_beyond_the_end() -> None:
    """A page that is not there is empty, and an empty list has one page."""
    assert page_of([1], {**QUERY, "page": 9}, "/x/")["results"] == []
    assert page_of([], QUERY, "/x/") == {"count": 0, "next": None, "previous": None, "results": []}
    assert page_of([1, 2], QUERY, "/x/")["next"] is None
