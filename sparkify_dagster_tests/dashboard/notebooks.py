"""Runs a notebook as Jupyter would, in this process, without Jupyter.

What belongs here: cells one after the other in one namespace, and what their last expressions show. What doesn't: what
is expected of them.
"""

import ast
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent.parent.parent / "notebooks"


def run_notebook(name: str) -> list[dict[str, Any]]:
    """What the cells of code show, by kind of media, in their order; {} for a cell that shows nothing."""
    namespace: dict[str, Any] = {}
    return [_run("".join(cell["source"]), namespace) for cell in cells_of(name) if cell["cell_type"] == "code"]


def cells_of(name: str) -> list[dict[str, Any]]:
    """The cells as they are stored."""
    return json.loads((FOLDER / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]


def _run(source: str, namespace: dict[str, Any]) -> dict[str, Any]:
    tree = ast.parse(source)
    last = tree.body.pop() if isinstance(tree.body[-1], ast.Expr) else None
    exec(compile(tree, "cell", "exec"), namespace)
    if last is None:
        return {}
    assert isinstance(last, ast.Expr)
    return _shown(eval(compile(ast.Expression(last.value), "cell", "eval"), namespace))


def _shown(value: Any) -> dict[str, Any]:
    if hasattr(value, "_repr_mimebundle_"):
        bundle = value._repr_mimebundle_()
        return bundle[0] if isinstance(bundle, tuple) else bundle
    if hasattr(value, "_repr_html_"):
        return {"text/html": value._repr_html_()}
    return {"text/plain": repr(value)}
