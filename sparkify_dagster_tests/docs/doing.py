"""A process that does what pages say, step by step: ``python -m sparkify_dagster_tests.docs.doing``.

What belongs here: commands and changes of files, and what comes of them. What doesn't: expectations.
"""

import contextlib
import io
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

_FILES = re.compile(r"^(?=--- a/)", re.MULTILINE)
_OF_THE_SHELL = re.compile(r"[|&;<>()$`*\n]")
_SPARKIFY = ("sparkify", ".venv/bin/sparkify")


def main() -> None:
    """Does the pages that standard input tells of, as JSON, and writes what came of each step.

    Commands of ``sparkify`` run in this process where a page allows it, since Dagster takes long to import; each
    question is answered with yes. A page begins where another one ended, if it names that, else in its folder as it is.
    """
    from sparkify_dagster.cli.commands import main as sparkify

    outcomes: dict[str, list[dict[str, Any]]] = {}
    before = dict(os.environ)
    for page in json.load(sys.stdin):
        folder = Path(page["folder"])
        if page["after"]:
            shutil.copytree(page["after"], folder, symlinks=True)
        os.chdir(folder)
        done = [_do(step, sparkify if page["in_this_process"] else None) for step in page["steps"]]
        outcomes[page["page"]] = done
        os.environ.clear()
        os.environ.update(before)
    json.dump(outcomes, sys.stdout)


def _do(step: dict[str, str], sparkify: Callable[[], None] | None) -> dict[str, Any]:
    text = step["text"]
    if step["kind"] == "diff":
        code, said = _change(text)
    elif text.startswith("export "):
        os.environ.update({name: value for name, _, value in (word.partition("=") for word in shlex.split(text)[1:])})
        code, said = 0, ""
    elif sparkify and not _OF_THE_SHELL.search(text) and _words(text)[0] in _SPARKIFY:
        code, said = _in_this_process(sparkify, text)
    else:
        run = subprocess.run(text, shell=True, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        code, said = run.returncode, run.stdout + run.stderr
    return {"step": text, "code": code, "said": said}


def _change(text: str) -> tuple[int, str]:
    """Changes files as a diff says, which may have other lines than it counts, and others around it by now."""
    for part in _FILES.split(text)[1:]:
        apply = ["git", "apply", "--recount", "-C1", "-"]
        run = subprocess.run(apply, input=part, capture_output=True, text=True, check=False)
        if run.returncode:
            return run.returncode, run.stderr
    return 0, ""


def _words(text: str) -> list[str]:
    """The words of a command, without the settings before it."""
    words = shlex.split(text)
    while "=" in words[0]:
        del words[0]
    return words


def _in_this_process(sparkify: Callable[[], None], text: str) -> tuple[int, str]:
    said, code = io.StringIO(), 0
    before = dict(os.environ)
    words = shlex.split(text)
    while "=" in words[0]:
        name, _, value = words.pop(0).partition("=")
        os.environ[name] = value
    sys.argv, sys.stdin = words, io.StringIO("y\n" * 3)
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        try:
            sparkify()
        except SystemExit as end:
            code = int(end.code or 0)
    os.environ.clear()
    os.environ.update(before)
    return code, said.getvalue()


if __name__ == "__main__":
    main()
