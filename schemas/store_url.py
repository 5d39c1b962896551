"""Where the store is, as `redis.url` says it: one node, a primary that sentinels watch, or a cluster. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

SENTINEL, CLUSTER = "sentinel", "cluster"
DEFAULT_PORTS = {SENTINEL: 26_379, CLUSTER: 6_379}
FORMS = (
    '"embedded" or the URL of a store: redis://, rediss:// or unix://, redis+sentinel://host:26379,host:26379/service, '
    "or redis+cluster://host:6379,host:6379 (rediss+… for TLS)"
)
_SHAPE = re.compile(
    r"(?P<scheme>rediss?)\+(?P<kind>sentinel|cluster)://(?:(?P<user>[^/@?]*)@)?(?P<hosts>[^/?@]*)"
    r"(?:/(?P<path>[^?]*))?(?:\?(?P<query>.*))?"
)
_HOST = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+)(?::(\d{1,5}))?")

Address = tuple[str, int]
"""A host (IPv6 without brackets) and a port."""


@dataclass(frozen=True, slots=True)
class StoreUrl:
    """The parts of a sentinel's or a cluster's URL. Credentials and the query are for the nodes, but for
    `sentinel_username` and `sentinel_password` in the query.
    """

    kind: str
    hosts: tuple[Address, ...]
    service: str
    _scheme: str
    _user: str
    _database: str
    _query: str
    _sentinel_user: str

    def node(self, address: Address) -> str:
        """The URL of one node."""
        return self._url(address, self._user, self._database)

    def sentinel(self, address: Address) -> str:
        """The URL of one sentinel."""
        return self._url(address, self._sentinel_user, "")

    def _url(self, address: Address, user: str, database: str) -> str:
        host, port = address
        host = f"[{host}]" if ":" in host else host
        before, after = f"{user}@" if user else "", f"?{self._query}" if self._query else ""
        return f"{self._scheme}://{before}{host}:{port}/{database}{after}"


def parse_store_url(url: str) -> StoreUrl | None:
    """The parts of `url`; None when it is neither a sentinel's nor a cluster's. ValueError completes "must be …"."""
    shape = _SHAPE.fullmatch(url)
    if shape is None:
        return None
    kind, (service, _, database) = shape["kind"], (shape["path"] or "").partition("/")
    if kind == SENTINEL and not service:
        raise ValueError("followed by the name of the primary: redis+sentinel://host:26379/service")
    if kind == CLUSTER and service:
        raise ValueError("without a path: a cluster has one database")
    if database and not database.isdigit():
        raise ValueError("a number after the service's name: the database")
    hosts = tuple(_address(text, DEFAULT_PORTS[kind]) for text in shape["hosts"].split(","))
    query = dict(parse_qsl(shape["query"] or ""))
    name, password = query.pop("sentinel_username", ""), query.pop("sentinel_password", "")
    sentinel_user = f"{name}:{password}" if password else ""
    return StoreUrl(
        kind, hosts, service, shape["scheme"], shape["user"] or "", database, urlencode(query), sentinel_user
    )


def check_store_url(url: str) -> None:
    """ValueError, completing "must be …", when `url` is no value for `redis.url`."""
    if parse_store_url(url) is None and not re.fullmatch(r"embedded|(?:rediss?|unix)://.+", url, re.DOTALL):
        raise ValueError(FORMS)


def _address(text: str, default_port: int) -> Address:
    match = _HOST.fullmatch(text)
    if match is None or int(match[2] or 1) not in range(1, 65_536):
        raise ValueError("a list of host:port, with commas between them")
    return match[1].strip("[]"), int(match[2] or default_port)
