"""The core computes the same everywhere: no clock, chance, I/O, float or set order in it.

STYLE point 23. Applies to ``exchange/model`` and ``exchange/engine``. ``# det-ok: why`` on the
line waives it. Sets are recognised by what the same file says of a name: an annotation, a set
display, a comprehension or a ``set()`` call.
"""

from __future__ import annotations

import ast

import pytest

from tests.tidy_source import Source, parse, sources

CORE = ("exchange/model", "exchange/engine")
MODULES_TEXT = """
asyncio concurrent decimal io json locale logging marshal multiprocessing os pathlib pickle random
sched secrets select shelve shutil signal socket ssl subprocess tempfile threading time uuid
"""
MODULES = frozenset(MODULES_TEXT.split())
CALLS = frozenset({"exec", "eval", "hash", "id", "input", "open", "print"})
CLOCKS = frozenset({"now", "today", "utcnow"})
SET_TYPES = frozenset({"AbstractSet", "FrozenSet", "MutableSet", "Set", "frozenset", "set"})
# what these return does not depend on the order in which they are fed
ORDERLESS = frozenset({"all", "any", "frozenset", "len", "max", "min", "set", "sorted", "sum"})
ORDERED = frozenset({"dict", "enumerate", "iter", "list", "map", "filter", "tuple", "zip"})

Comprehension = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp


def determinism_violations(source: Source) -> list[str]:
    """Return one line for each construct that could differ between two nodes."""
    rule = _Rule(_set_names(source.tree))
    rule.visit(source.tree)
    return [
        f"{source.path}:{line}: {what}"
        for line, what in sorted(rule.found)
        if not source.waived(line, "det-ok")
    ]


class _Rule(ast.NodeVisitor):
    def __init__(self, set_names: frozenset[str]) -> None:
        self.found: set[tuple[int, str]] = set()
        self._set_names = set_names
        self._orderless: set[ast.AST] = set()

    def _say(self, node: ast.expr | ast.stmt, what: str) -> None:
        self.found.add((node.lineno, what))

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name.split(".")[0] in MODULES:
                self._say(node, f"imports {alias.name}")

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if not node.level and (node.module or "").split(".")[0] in MODULES:
            self._say(node, f"imports {node.module}")

    def visit_Name(self, node: ast.Name) -> None:
        if node.id == "float":
            self._say(node, "float")

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, float | complex):
            self._say(node, f"float {node.value!r}")

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Div):
            self._say(node, "/ makes a float; // or divmod")
        self.generic_visit(node)

    def visit_AugAssign(self, node: ast.AugAssign) -> None:
        if isinstance(node.op, ast.Div):
            self._say(node, "/= makes a float; //=")
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        func = node.func
        if isinstance(func, ast.Name):
            if func.id in CALLS:
                self._say(node, f"{func.id}()")
            if func.id in ORDERLESS:
                self._orderless.update(node.args)
            if func.id in ORDERED and any(self._is_set(arg) for arg in node.args):
                self._say(node, f"{func.id}() of a set; sorted() first")
        elif isinstance(func, ast.Attribute):
            if func.attr in CLOCKS:
                self._say(node, f".{func.attr}() reads a clock")
            if func.attr in {"join", "extend"} and any(self._is_set(arg) for arg in node.args):
                self._say(node, f".{func.attr}() of a set; sorted() first")
            if func.attr == "pop" and not node.args and self._is_set(func.value):
                self._say(node, ".pop() of a set takes any element")
        self.generic_visit(node)

    def visit_For(self, node: ast.For) -> None:
        if self._is_set(node.iter):
            self._say(node.iter, "iterates over a set; sorted() first")
        self.generic_visit(node)

    def visit_Starred(self, node: ast.Starred) -> None:
        if self._is_set(node.value):
            self._say(node, "unpacks a set; sorted() first")
        self.generic_visit(node)

    def visit_SetComp(self, node: ast.SetComp) -> None:
        self.generic_visit(node)

    def visit_ListComp(self, node: ast.ListComp) -> None:
        self._comprehension(node)

    def visit_DictComp(self, node: ast.DictComp) -> None:
        self._comprehension(node)

    def visit_GeneratorExp(self, node: ast.GeneratorExp) -> None:
        self._comprehension(node)

    def _comprehension(self, node: Comprehension) -> None:
        if node not in self._orderless:
            for part in node.generators:
                if self._is_set(part.iter):
                    self._say(part.iter, "iterates over a set; sorted() first")
        self.generic_visit(node)

    def _is_set(self, node: ast.expr) -> bool:
        if isinstance(node, ast.Set | ast.SetComp):
            return True
        if isinstance(node, ast.Call):
            return isinstance(node.func, ast.Name) and node.func.id in {"set", "frozenset"}
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.BitOr | ast.BitAnd | ast.Sub):
            return self._is_set(node.left) or self._is_set(node.right)
        return _last_name(node) in self._set_names


def _set_names(tree: ast.Module) -> frozenset[str]:
    names: set[str | None] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.AnnAssign) and _is_set_type(node.annotation):
            names.add(_last_name(node.target))
        elif isinstance(node, ast.arg) and _is_set_type(node.annotation):
            names.add(node.arg)
        elif isinstance(node, ast.Assign) and _makes_set(node.value):
            names.update(_last_name(target) for target in node.targets)
    return frozenset(name for name in names if name is not None)


def _is_set_type(annotation: ast.expr | None) -> bool:
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.value
    return annotation is not None and _last_name(annotation) in SET_TYPES


def _makes_set(value: ast.expr) -> bool:
    return isinstance(value, ast.Set | ast.SetComp) or (
        isinstance(value, ast.Call) and _last_name(value.func) in {"set", "frozenset"}
    )


def _last_name(node: ast.expr) -> str | None:
    if isinstance(node, ast.Name):
        return node.id
    return node.attr if isinstance(node, ast.Attribute) else None


def test_the_core_is_deterministic() -> None:
    found = [line for source in sources(*CORE) for line in determinism_violations(source)]

    assert not found, "\n".join(["", *found])


@pytest.mark.parametrize(
    "text",
    [
        "import time",
        "from random import Random",
        "import os.path",
        "def f():\n    import threading",
        "x = 0.5",
        "def f(price: float) -> None: ...",
        "mid = (bid + ask) / 2",
        "x /= 2",
        "key = hash(order)",
        "key = id(order)",
        "when = datetime.now()",
        "print('x')",
        "for x in {1, 2}: pass",
        "live: set[int] = set()\nfor x in live: pass",
        "class C:\n    live: frozenset[int]\n    def f(self): return [x for x in self.live]",
        "live = set()\nout = list(live)",
        "live = {1}\nout = [*live]",
        "live = {1}\nfirst = live.pop()",
        "def f(live: set[int], more: set[int]): return tuple(live | more)",
        "live = {1}\nout = ','.join(live)",
        "import time  # det-ok:",
    ],
)
def test_a_nondeterministic_construct_is_caught(text: str) -> None:
    assert len(determinism_violations(parse("exchange/engine/x.py", text))) == 1


@pytest.mark.parametrize(
    "text",
    [
        "import time  # det-ok: only the type of its result is named",
        "mid = (bid + ask) // 2",
        "live = {1}\nfor x in sorted(live): pass",
        "live = {1}\ntotal = sum(x for x in live)",
        "live = {1}\nmore = {x + 1 for x in live}\nthere = 1 in live",
        "levels = {}\nfor price in levels: pass",
        "queue = []\nqueue.pop()",
    ],
)
def test_a_deterministic_construct_passes(text: str) -> None:
    assert determinism_violations(parse("exchange/engine/x.py", text)) == []
