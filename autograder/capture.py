"""What a cell shows, kept as a notebook's outputs: displays, text, and what programs print.

It stands where a kernel has a socket and its client.
"""

from __future__ import annotations

import io
import os
import sys
from typing import Any

from jupyter_client.session import Session

Json = Any
MAX_OUTPUT_CHARS = 2_000_000
MAX_OUTPUTS = 2_000


class Recorder(Session):
    """Collects what a kernel would publish, as outputs of nbformat 4."""

    def __init__(self, **kwargs: Any) -> None:
        """Start with nothing."""
        super().__init__(key=b"", **kwargs)
        self.outputs: list[dict[str, Json]] = []
        self.size = 0
        self.clear_first = False

    def msg(
        self, msg_type: str, content: dict[str, Json] | None = None, *_: Any, **__: Any
    ) -> dict[str, Json]:
        """A message; nothing here needs its headers."""
        return {"msg_type": msg_type, "content": content or {}}

    def send(  # type: ignore[override]
        self, _stream: Any, msg_or_type: Any, content: Any = None, *_: Any, **__: Any
    ) -> None:
        """Keep the message as an output."""
        if isinstance(msg_or_type, dict):
            self.record(msg_or_type["msg_type"], msg_or_type["content"])
        else:
            self.record(msg_or_type, content or {})

    def record(self, kind: str, content: dict[str, Json]) -> None:
        """Keep one output; drop it when the cell has already shown too much."""
        if kind == "clear_output":
            if content.get("wait"):
                self.clear_first = True
            else:
                self.outputs.clear()
            return
        display = (content.get("transient") or {}).get("display_id")
        if display and kind in ("update_display_data", "display_data"):
            self._update(display, content)
        if kind not in ("stream", "display_data", "execute_result", "error"):
            return
        if self.clear_first:
            self.outputs.clear()
            self.clear_first = False
        output = {"output_type": kind, **content}
        output.pop("transient", None)
        if display:
            output["display_id"] = display
        self.size += _weight(content)
        if self.size > MAX_OUTPUT_CHARS or len(self.outputs) >= MAX_OUTPUTS:
            if self.outputs and self.outputs[-1].get("text") != _TOO_MUCH:
                self.outputs.append({"output_type": "stream", "name": "stdout", "text": _TOO_MUCH})
            return
        self.outputs.append(output)

    def _update(self, display: str, content: dict[str, Json]) -> None:
        for output in self.outputs:
            if output.get("display_id") == display:
                output["data"] = content["data"]
                output["metadata"] = content["metadata"]

    def take(self) -> list[dict[str, Json]]:
        """What was shown since the last call."""
        sys.stdout.flush()
        sys.stderr.flush()
        taken, self.outputs = self.outputs, []
        self.size = 0
        for output in taken:
            output.pop("display_id", None)
        return taken


_TOO_MUCH = "\n... Output truncated ...\n"


def _weight(content: dict[str, Json]) -> int:
    text = content.get("text")
    if isinstance(text, str):
        return len(text)
    data = content.get("data") or {}
    return 200 + sum(len(part) for part in data.values() if isinstance(part, str))


class Stream(io.TextIOBase):
    """sys.stdout or sys.stderr of the shell: text is kept until a flush, as ipykernel's is."""

    encoding = "UTF-8"
    errors = "strict"

    def __init__(self, name: str, recorder: Recorder, fd: int) -> None:
        """Send text as stream `name`; `fd` is what the operating system calls it."""
        self._name = name
        self._recorder = recorder
        self._parts: list[str] = []
        self._size = 0
        self._fd = fd

    @property
    def name(self) -> str:
        """The stream's name, `<stdout>` or `<stderr>`."""
        return f"<{self._name}>"

    def write(self, text: str) -> int:
        """Keep `text`; beyond the output limit it is dropped."""
        if not isinstance(text, str):
            raise TypeError(f"write() argument must be str, not {type(text)}")
        if self._size <= MAX_OUTPUT_CHARS:
            self._parts.append(text[: MAX_OUTPUT_CHARS + 1])
            self._size += len(text)
            if len(self._parts) > 10_000:
                self._parts = ["".join(self._parts)]
        return len(text)

    def flush(self) -> None:
        """Make an output of what was kept."""
        if self._parts:
            text, self._parts = "".join(self._parts), []
            if self._size > MAX_OUTPUT_CHARS:
                text = text[: MAX_OUTPUT_CHARS // 2] + _TOO_MUCH
            self._size = 0
            if text:
                self._recorder.record("stream", {"name": self._name, "text": text})

    def writable(self) -> bool:
        """It is there to be written to."""
        return True

    def isatty(self) -> bool:
        """Never a terminal."""
        return False

    def fileno(self) -> int:
        """The descriptor that programs started from here write to."""
        return self._fd


class Descriptors:
    """Descriptors 1 and 2 on a nameless file, so that programs' output can be read after a cell."""

    def __init__(self, folder: str) -> None:
        """Point descriptors 1 and 2 at a new file in `folder`, and 0 at nothing."""
        try:
            fd = os.open(folder, os.O_TMPFILE | os.O_RDWR | os.O_APPEND, 0o600)
        except OSError:  # the program removed the folder, or filled the disk
            fd = os.open("/dev/null", os.O_RDWR)
        null = os.open("/dev/null", os.O_RDONLY)
        os.dup2(null, 0)
        os.dup2(fd, 1)
        os.dup2(fd, 2)
        os.close(null)
        os.close(fd)
        self._read = 0

    def take(self) -> str:
        """What was written since the last call."""
        size = os.fstat(1).st_size
        if size <= self._read:
            return ""
        data = os.pread(1, min(size - self._read, MAX_OUTPUT_CHARS), self._read)
        self._read = size
        return data.decode("utf-8", "replace")
