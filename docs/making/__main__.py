"""Writes the pages and pictures that are made from the code: ``python -m docs.making``.

What belongs here: writing them, and removing those that nothing makes any more. What doesn't: what is in them.
"""

import sys
from pathlib import Path

from docs.making.written import made_before, written

DOCS = Path(__file__).parent.parent


def main() -> None:
    """Writes what has changed, and says so."""
    wanted = written()
    for path in sorted(made_before(DOCS) - set(wanted)):
        (DOCS / path).unlink()
        sys.stdout.write(f"removed docs/{path}\n")
    for path, text in wanted.items():
        file = DOCS / path
        if not file.exists() or file.read_text(encoding="utf-8") != text:
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text, encoding="utf-8")
            sys.stdout.write(f"wrote docs/{path}\n")


if __name__ == "__main__":
    main()
