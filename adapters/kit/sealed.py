"""A room without a clock, a disk, a network or dice, for showing that an adapter is pure.

Every call that the adapter makes inside is looked at, and one that would leave the room is noted and stopped. It holds
for Python code and what that calls; a sealed room is a way to see, and no sandbox for code that nobody trusts.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

_OUTSIDE = frozenset(
    {"_socket", "_ssl", "select", "_posixsubprocess", "_random", "_winapi", "time", "mmap", "_sqlite3"}
)
"""Built-in modules of which an adapter calls nothing."""
_FILES = frozenset({"FileIO", "BufferedReader", "BufferedWriter", "BufferedRandom"})
_CLOCKS = frozenset({"now", "utcnow", "today"})
_HARMLESS = frozenset({"fspath", "strptime", "strftime", "asctime", "mktime"})
_PYTHON = frozenset(
    {"socket", "subprocess", "random", "secrets", "tempfile", "urllib.request", "http.client", "shutil"}
)


class Leak(RuntimeError):
    """What the adapter did is stopped by this; it names the call."""


@contextmanager
def sealed(noted: list[str]) -> Iterator[None]:
    """Within, calls that reach out of the room are added to ``noted`` and raise :class:`Leak`.

    What was imported for the first time inside would read files: do once outside what is done inside.
    """

    def look(frame: FrameType, event: str, call: object) -> None:
        name = ""
        if event == "c_call":
            name = _reaching_out(call)
        elif event == "call" and frame.f_globals.get("__name__") in _PYTHON:
            name = f"{frame.f_globals['__name__']}.{frame.f_code.co_name}"
        if name:
            noted.append(name)
            raise Leak(name)

    # What hangs on the collector is others': a test library's, say, which looks at the clock.
    collecting, before = gc.isenabled(), sys.getprofile()
    gc.disable()
    sys.setprofile(look)
    try:
        yield
    finally:
        sys.setprofile(before)
        if collecting:
            gc.enable()


def _reaching_out(call: object) -> str:
    """The name of the built-in that is called, where it reaches out."""
    name = str(getattr(call, "__name__", ""))
    owner = getattr(call, "__self__", None)
    module = getattr(call, "__module__", None)
    kinds = [kind for kind in type.mro(owner if isinstance(owner, type) else type(owner)) if kind is not object]
    homes = {str(module), *(kind.__module__ for kind in kinds)} if not _is_module(owner) else {str(module)}
    if name in _HARMLESS:
        return ""
    if homes & _OUTSIDE:
        return f"{min(homes & _OUTSIDE)}.{name}"
    if module in {"posix", "nt"}:
        return f"os.{name}"
    if name.startswith("start_new_thread"):
        return "a thread"
    if module in {"io", "_io"} and name in {"open", "open_code"}:
        return "open"
    if name in _CLOCKS and any(kind.__module__ == "datetime" for kind in kinds):
        return f"datetime.{name}"
    if any(kind.__name__ in _FILES for kind in kinds):
        return f"file.{name}"
    return ""


def _is_module(owner: object) -> bool:
    return isinstance(owner, type(sys))
