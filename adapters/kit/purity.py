"""What the source of an adapter reaches for, found without running it: imports and calls that a pure module has not.

It complements :mod:`adapters.kit.sealed`, which sees what runs: a branch that no sample takes is seen here alone.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator

MODULES = frozenset(
    {
        "aio_pika",
        "aiohttp",
        "asyncio",
        "ftplib",
        "http",
        "httpx",
        "logging",
        "multiprocessing",
        "os",
        "pathlib",
        "pickle",
        "random",
        "requests",
        "secrets",
        "shutil",
        "smtplib",
        "socket",
        "sqlite3",
        "ssl",
        "subprocess",
        "sys",
        "tempfile",
        "threading",
        "time",
        "urllib.request",
    }
)
"""Modules that give a way out: to files, networks, clocks, dice, processes, or into a log."""
_CLOCKS = frozenset({"now", "utcnow", "today"})
_DATES = frozenset({"datetime", "date", "datetime.datetime", "datetime.date"})
_BUILT_IN = frozenset({"open", "input", "print", "eval", "exec", "compile", "__import__", "breakpoint"})


def impurities(source: str) -> Iterator[tuple[int, str]]:
    """Each line that reaches out of a pure module, and for what.

    Raises:
        SyntaxError: it is no Python.
    """
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, f"import {alias.name}") for alias in node.names if _leads_out(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and _leads_out(node.module):
            yield node.lineno, f"import {node.module}"
        elif isinstance(node, ast.Call):
            called = _called(node.func)
            if called:
                yield node.lineno, called


def _leads_out(module: str) -> bool:
    return any(module == each or module.startswith(f"{each}.") for each in MODULES)


def _called(function: ast.expr) -> str:
    if isinstance(function, ast.Name) and function.id in _BUILT_IN:
        return f"{function.id}()"
    if isinstance(function, ast.Attribute) and function.attr in _CLOCKS and ast.unparse(function.value) in _DATES:
        return f"{ast.unparse(function.value)}.{function.attr}()"
    return ""
