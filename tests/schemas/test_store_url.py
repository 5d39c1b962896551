import pytest

from schemas.store_url import check_store_url, parse_store_url


def test_one_node_is_left_to_the_client_library() -> None:
    """The usual URLs, and the embedded store, are taken as they are."""
    for url in ("embedded", "redis://h", "rediss://:p@h:6379/0", "unix:///run/redis.sock"):
        check_store_url(url)
        assert parse_store_url(url) is None


def test_sentinels() -> None:
    """Credentials, database and TLS are the nodes'; ports have defaults; the sentinels have a password of their own."""
    url = parse_store_url(
        "rediss+sentinel://ada:p%40@a:1,b,[::1]:3/main/2?ssl_ca_certs=/ca&sentinel_password=s"
    )
    assert url is not None
    assert (url.kind, url.service) == ("sentinel", "main")
    assert url.hosts == (("a", 1), ("b", 26_379), ("::1", 3))
    assert url.node(("n", 6379)) == "rediss://ada:p%40@n:6379/2?ssl_ca_certs=%2Fca"
    assert url.sentinel(("::1", 3)) == "rediss://:s@[::1]:3/?ssl_ca_certs=%2Fca"


def test_a_cluster() -> None:
    """Some of its nodes are enough."""
    url = parse_store_url("redis+cluster://:secret@a:7000,b:7001")
    assert url is not None
    assert (url.kind, url.hosts) == ("cluster", (("a", 7000), ("b", 7001)))
    assert url.node(("c", 7002)) == "redis://:secret@c:7002/"


@pytest.mark.parametrize(
    "url, says",
    [
        ("localhost:6379", '"embedded" or the URL'),
        ("redis+other://a", '"embedded" or the URL'),
        ("redis+sentinel://a:26379", "followed by the name"),
        ("redis+sentinel://a:26379/", "followed by the name"),
        ("redis+sentinel://a:26379/main/x", "a number after the service's name"),
        ("redis+sentinel:///main", "a list of host:port"),
        ("redis+sentinel://a:b/main", "a list of host:port"),
        ("redis+sentinel://a:1,,b:2/main", "a list of host:port"),
        ("redis+cluster://a:99999", "a list of host:port"),
        ("redis+cluster://a:7000/0", "without a path"),
    ],
)
def test_what_is_wrong_is_said(url: str, says: str) -> None:
    """A mistake stops the start with the form that is wanted."""
    with pytest.raises(ValueError) as refused:
        check_store_url(url)
    assert str(refused.value).startswith(says)
