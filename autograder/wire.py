"""Messages between processes that don't trust each other: length, JSON, bytes; never pickle.

A frame is two big-endian 32-bit lengths, a JSON object and a blob. File descriptors may ride on
the frame's first byte. Whatever comes in is checked for size and shape before it is used.
"""

from __future__ import annotations

import json
import socket
import struct
import time
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from autograder.errors import ChannelClosed, ChannelTimeout, Malformed

_HEADER = struct.Struct("!II")
_ENCODER = json.JSONEncoder(separators=(",", ":"))  # json.dumps would make one for each message
MAX_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True)
class Message:
    """One frame: its JSON object, its blob, and the descriptors that came with it."""

    body: dict[str, Any]
    blob: bytes = b""
    fds: tuple[int, ...] = ()


class Channel:
    """One end of a socket pair."""

    def __init__(self, sock: socket.socket, *, max_bytes: int = MAX_BYTES) -> None:
        """Take over `sock`; frames above `max_bytes` are refused when received."""
        self.sock = sock
        self.max_bytes = max_bytes

    @classmethod
    def from_fd(cls, fd: int) -> Channel:
        """The channel on an inherited or received descriptor."""
        return cls(socket.socket(fileno=fd))

    def fileno(self) -> int:
        """The socket's descriptor, for select."""
        return self.sock.fileno()

    def close(self) -> None:
        """Close the socket; the other end reads the end of the stream."""
        self.sock.close()

    def send(self, body: dict[str, Any], blob: bytes = b"", fds: Iterable[int] = ()) -> None:
        """Send one frame. Raises ChannelClosed when nobody reads any more."""
        text = _ENCODER.encode(body).encode()
        frame = _HEADER.pack(len(text), len(blob)) + text
        if blob:
            frame += blob
        try:
            self.sock.settimeout(None)
            passed = list(fds)
            if passed:
                sent = socket.send_fds(self.sock, [frame], passed)
                frame = frame[sent:]
            if frame:
                self.sock.sendall(frame)
        except OSError as error:
            raise ChannelClosed(f"the other end is gone: {error}") from error

    def receive(self, timeout_s: float | None = None) -> Message:
        """The next frame, waiting at most `timeout_s` for all of it.

        Raises ChannelTimeout, ChannelClosed or Malformed.
        """
        deadline = None if timeout_s is None else time.monotonic() + timeout_s
        try:
            self._arm(deadline)
            head, fds, _, _ = socket.recv_fds(self.sock, _HEADER.size, 4)
            if not head:
                raise ChannelClosed("the other end closed the channel")
            head += self._exactly(_HEADER.size - len(head), deadline)
            text_size, blob_size = _HEADER.unpack(head)
            if text_size + blob_size > self.max_bytes:
                raise Malformed(f"a message of {text_size + blob_size} bytes is over the limit")
            text = self._exactly(text_size, deadline)
            blob = self._exactly(blob_size, deadline)
        except TimeoutError as error:
            raise ChannelTimeout("no answer in time") from error
        except OSError as error:
            raise ChannelClosed(f"the other end is gone: {error}") from error
        try:
            body = json.loads(text.decode())
        except (ValueError, RecursionError) as error:
            raise Malformed(f"not JSON: {error}") from error
        if not isinstance(body, dict):
            raise Malformed("not a JSON object")
        return Message(body, blob, tuple(fds))

    def _arm(self, deadline: float | None) -> None:
        if deadline is None:
            self.sock.settimeout(None)
            return
        left = deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self.sock.settimeout(left)

    def _exactly(self, size: int, deadline: float | None) -> bytes:
        if size == 0:
            return b""
        data = bytearray(size)
        view = memoryview(data)
        got = 0
        while got < size:
            self._arm(deadline)
            count = self.sock.recv_into(view[got:])
            if count == 0:
                raise ChannelClosed("the other end closed the channel in the middle of a message")
            got += count
        return bytes(data)


def pair() -> tuple[Channel, socket.socket]:
    """A new channel, and the raw socket of its other end (to be passed to another process)."""
    ours, theirs = socket.socketpair()
    return Channel(ours), theirs
