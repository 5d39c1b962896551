"""TLS in front of programs that know none: a port that speaks it, and, for the programs among themselves, plain text."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import ipaddress
import socket
import ssl
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from tests.support.apart import Apart

CHUNK_BYTES = 65_536
HANDSHAKE = b"\x16"
"""The first byte of whoever speaks TLS."""


class Authority:
    """Who vouches for 127.0.0.1: `ca` is the file that says so to clients, `context` is for servers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        key = ec.generate_private_key(ec.SECP256R1())
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
        now = datetime.datetime.now(datetime.UTC)
        here = x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))])
        certificate = (
            x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
            .not_valid_before(now - datetime.timedelta(minutes=5))
            .not_valid_after(now + datetime.timedelta(days=1))
            .add_extension(here, critical=False)
            .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
            .sign(key, hashes.SHA256())
        )
        self.ca, key_file = folder / "ca.pem", folder / "key.pem"
        self.ca.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        key_file.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM,
                serialization.PrivateFormat.PKCS8,
                serialization.NoEncryption(),
            )
        )
        self.context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        self.context.load_cert_chain(self.ca, key_file)


class Door:
    """A port in front of another one: who begins with TLS gets it, others are let through as they are, unless it is
    `strict`. `encrypted` counts the connections with TLS.
    """

    def __init__(self, target: Callable[[], int], context: ssl.SSLContext, *, strict: bool) -> None:
        self.encrypted = 0
        self._target = target
        self._context = context
        self._strict = strict
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._listening.setblocking(False)
        self.port: int = self._listening.getsockname()[1]
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Takes connections from now on."""
        self._own(asyncio.create_task(self._accept()))

    async def stop(self) -> None:
        """Ends everything."""
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        self._listening.close()

    def _own(self, task: asyncio.Task[None]) -> None:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _accept(self) -> None:
        while True:
            near, _ = await asyncio.get_running_loop().sock_accept(self._listening)
            self._own(asyncio.create_task(self._serve(near)))

    async def _serve(self, near: socket.socket) -> None:
        loop, reader = asyncio.get_running_loop(), asyncio.StreamReader()
        protocol = asyncio.StreamReaderProtocol(reader)
        try:
            encrypts = self._strict or await _first_byte(near) == HANDSHAKE
            context = self._context if encrypts else None
            transport, _ = await loop.connect_accepted_socket(lambda: protocol, near, ssl=context)
        except OSError:
            near.close()
            return
        self.encrypted += encrypts
        writer = asyncio.StreamWriter(transport, protocol, reader, loop)
        try:
            far_reader, far_writer = await asyncio.open_connection("127.0.0.1", self._target())
        except OSError:
            transport.abort()
            return
        try:
            await asyncio.gather(_carry(reader, far_writer), _carry(far_reader, writer))
        finally:
            transport.abort()
            far_writer.transport.abort()


class Doors:
    """All doors of a test."""

    def __init__(self, authority: Authority) -> None:
        self.authority = authority
        self._apart = Apart("doors")
        self._doors: list[Door] = []

    def open(self, target: Callable[[], int], *, strict: bool = False) -> Door:
        """One more, in front of whatever port `target` says."""
        door = Door(target, self.authority.context, strict=strict)
        self._doors.append(door)
        self._apart.run(door.start())
        return door

    def close(self) -> None:
        """Ends all."""
        for door in self._doors:
            self._apart.run(door.stop())
        self._apart.close()


async def _first_byte(near: socket.socket) -> bytes:
    loop, readable = asyncio.get_running_loop(), asyncio.Event()
    near.setblocking(False)
    loop.add_reader(near, readable.set)
    try:
        await readable.wait()
    finally:
        loop.remove_reader(near)
    return near.recv(1, socket.MSG_PEEK)


async def _carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with contextlib.suppress(OSError):
        while data := await reader.read(CHUNK_BYTES):
            writer.write(data)
            await writer.drain()
    writer.close()
