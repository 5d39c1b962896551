"""Waiting for what comes in on an open socket."""

from __future__ import annotations

import asyncio
from typing import Any

from tornado.ioloop import IOLoop
from tornado.iostream import IOStream

READ_BYTES = 8_192
"""What is read at once. Tornado clears a buffer of that size for each read: 64 KiB by itself."""


def read_little(stream: IOStream) -> None:
    """From now on the stream reads no more than that in one call."""
    stream.read_chunk_size = READ_BYTES


def arriving(stream: IOStream) -> asyncio.Future[bytes]:
    """`stream.read_bytes(READ_BYTES, partial=True)`, but that it does not try to read before something is there: after what
    has just been read there is nearly always nothing, and it costs a system call and twenty of Python's to see that. Not
    for TLS, which may have read ahead.
    """
    private: Any = stream
    if private._read_buffer_size or stream.closed():
        found: asyncio.Future[bytes] = private.read_bytes(READ_BYTES, partial=True)
        return found
    coming: asyncio.Future[bytes] = private._start_read()
    private._read_bytes, private._read_partial = READ_BYTES, True
    private._add_io_state(IOLoop.READ)
    return coming
