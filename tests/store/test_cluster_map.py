from store.cluster_map import SLOTS, Claim, claims_in, owners

ASKED = ("10.0.0.9", 7000)
VIEW = (
    "a :7000@17000 myself,master - 0 0 4 connected 0-5460 5462 [5461->-b]\n"
    "b 10.0.0.2:7001@17001,host.example.org master - 0 0 2 connected 5463-10922 5461\n"
    "c 10.0.0.3:7002@17002 master,fail - 0 0 3 connected 10923-16383\n"
    "d 10.0.0.4:7003@17003 slave c 0 0 3 connected\n"
    "e ::1:7004@17004 master - 0 0 5 connected\n"
)


def test_what_a_node_says() -> None:
    """Primaries claim their slots; failed ones, replicas and slots on the move claim nothing."""
    assert claims_in(VIEW, ASKED) == [
        Claim(4, 0, 5460, ("10.0.0.9", 7000)),
        Claim(4, 5462, 5462, ("10.0.0.9", 7000)),
        Claim(2, 5463, 10922, ("10.0.0.2", 7001)),
        Claim(2, 5461, 5461, ("10.0.0.2", 7001)),
    ]
    assert claims_in("f ::1:7004@17004 master - 0 0 5 connected 7", ASKED) == [Claim(5, 7, 7, ("::1", 7004))]


def test_the_latest_claim_counts() -> None:
    """A node that was cut off repeats what held before; it does not matter who is heard first."""
    old, new = Claim(1, 0, SLOTS - 1, ("old", 1)), Claim(2, 10, 19, ("new", 2))
    for claims in ([old, new], [new, old, old]):
        slots = owners(claims)
        assert slots[9:21] == [("old", 1), *[("new", 2)] * 10, ("old", 1)]
    assert owners([new])[9] is None
