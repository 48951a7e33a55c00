"""The commands of the page on operations, and running those of the embedded platform.

What belongs here: reading the page, and a process that does what it says, line by line. What doesn't: expectations.
"""

import contextlib
import io
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

PAGE = Path(__file__).parent.parent.parent / "docs" / "operations.md"

_BLOCK = re.compile(r"^( *)```sh\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(sparkify [^`…<]*)`")


def commands() -> list[str]:
    """The commands of the blocks that are marked sh, in their order."""
    text = PAGE.read_text(encoding="utf-8")
    blocks = (block.replace("\\\n", " ") for _, block in _BLOCK.findall(text))
    return [" ".join(line.split()) for block in blocks for line in block.splitlines() if line.strip()]


def mentions() -> list[str]:
    """The commands of ``sparkify`` that are mentioned elsewhere on the page."""
    return _INLINE.findall(PAGE.read_text(encoding="utf-8"))


def main() -> None:
    """Does the commands that standard input holds, as JSON, and writes what came of each.

    Those of ``sparkify`` run in this process, since Dagster takes long to import; each question is answered with yes.
    """
    from sparkify_dagster.cli.commands import main as sparkify

    outcomes = []
    for command in json.load(sys.stdin):
        if command.startswith("sparkify "):
            outcomes.append(_in_this_process(sparkify, command.split()))
        else:
            done = subprocess.run(command, shell=True, capture_output=True, text=True, check=False)
            outcomes.append({"command": command, "code": done.returncode, "said": done.stdout + done.stderr})
    json.dump(outcomes, sys.stdout)


def _in_this_process(sparkify: Any, words: list[str]) -> dict[str, Any]:
    said, code = io.StringIO(), 0
    sys.argv, sys.stdin = words, io.StringIO("y\n" * 3)
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            sparkify()
        except SystemExit as end:
            code = int(end.code or 0)
    return {"command": " ".join(words), "code": code, "said": said.getvalue()}


if __name__ == "__main__":
    main()
