"""The source of the house as trees and templates, for rules about it."""

import ast
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PACKAGE = ROOT / "jiafang"


@dataclass(frozen=True)
class Module:
    """One file of code; `name` is its path below the package, with slashes."""

    name: str
    text: str

    @cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text)

    @property
    def is_read_only(self) -> bool:
        """Pages, the HTTP API, sums and selectors: they reach rows through the scope registry alone."""
        parts = self.name.split("/")
        return parts[0] in ("web", "api", "insight") or "selectors.py" in parts or "selectors" in parts

    def place(self, node: ast.AST) -> str:
        return f"jiafang/{self.name}:{getattr(node, 'lineno', 0)}"


Rule = Callable[[Module], Iterator[str]]


def modules() -> list[Module]:
    """Every module of the package but migrations."""
    return [
        Module(path.relative_to(PACKAGE).as_posix(), path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
        if "migrations" not in path.parts
    ]


def broken(rule: Rule, among: list[Module] | None = None) -> list[str]:
    """Every place where a rule is broken."""
    return [fault for module in (modules() if among is None else among) for fault in rule(module)]


def templates() -> list[Path]:
    return sorted((PACKAGE / "templates").rglob("*.html"))


def dotted(node: ast.AST) -> str:
    """`a.b.c` of an expression; calls and subscripts in between are left out."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        return f"{dotted(node.value)}.{node.attr}"
    if isinstance(node, (ast.Call, ast.Subscript)):
        return dotted(node.func if isinstance(node, ast.Call) else node.value)
    return ""
