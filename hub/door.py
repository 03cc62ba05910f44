"""The one way out of a student's server: a Unix socket that leads to the hub's own API.

A student's server has no network. It reaches the hub through this socket, which the hub itself
relays to its API; the hub's tokens decide there what she may ask. Traffic the other way needs no
door: her server is given a listening socket that the hub opened.
"""

from __future__ import annotations

import asyncio
import contextlib
from pathlib import Path
from urllib.parse import quote, urlparse

INSIDE = "/run/school"
_NAME = "hub.sock"
_LONGEST_PATH = 107
_CHUNK_BYTES = 65_536


def api_url(hub_api_url: str) -> str:
    """The hub's API as a server behind the walls must call it."""
    return f"http+unix://{quote(f'{INSIDE}/{_NAME}', safe='')}{urlparse(hub_api_url).path}"


async def open_door(folder: Path, hub_api_url: str) -> asyncio.Server:
    """Listen in `folder`, which is bound to INSIDE, and relay to the hub. Replaces a stale socket.

    Raises OSError when the folder's path is too long for a socket.
    """
    path = folder / _NAME
    if len(str(path).encode()) > _LONGEST_PATH:
        raise OSError(f"{path} is too long for a socket: choose a data folder with a shorter path.")
    folder.mkdir(mode=0o755, parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    hub = urlparse(hub_api_url)

    async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            to_hub = await asyncio.open_connection(hub.hostname, hub.port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pump(reader, to_hub[1]), _pump(to_hub[0], writer))

    server = await asyncio.start_unix_server(relay, str(path))
    path.chmod(0o666)  # the folder above is closed to everybody but the hub and the walled servers
    return server


async def _pump(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Copy until one side ends, then close the other."""
    with contextlib.suppress(ConnectionError):
        while chunk := await reader.read(_CHUNK_BYTES):
            writer.write(chunk)
            await writer.drain()
    with contextlib.suppress(ConnectionError, OSError):
        writer.close()
        await writer.wait_closed()
