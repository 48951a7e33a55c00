"""The figures as they are kept: `results.json`.

A session adds to those of earlier ones: the benchmarks that it ran are replaced, the others stay, as long as machine
and versions are the same.

What belongs here: the file. What doesn't: how it is shown.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sparkify_dagster_tests.benchmarks.figures import Figure


class Results:
    """The file of a folder.

    Args:
        folder: The folder.
        machine: The machine of this session.
        versions: The versions of this session.
        session: What else is to be known of it: how many pairs, which commit, which sizes.
        order: The benchmarks, in the order in which they are told.
    """

    def __init__(
        self,
        folder: Path,
        machine: Mapping[str, Any],
        versions: Mapping[str, str],
        session: Mapping[str, Any],
        order: Sequence[str],
    ) -> None:
        self._order = order
        self.path = folder / "results.json"
        self._session = session
        folder.mkdir(parents=True, exist_ok=True)
        # As they read when they come out of a file.
        here = json.loads(json.dumps({"machine": machine, "versions": versions}))
        kept: dict[str, Any] = json.loads(self.path.read_text()) if self.path.exists() else {}
        if kept.get("machine") != here["machine"] or not _agree(kept.get("versions", {}), here["versions"]):
            kept = {}
        self.content: dict[str, Any] = {
            **here,
            "versions": {**kept.get("versions", {}), **here["versions"]},
            "benchmarks": kept.get("benchmarks", {}),
        }

    def begin(self, benchmark: str, title: str) -> None:
        """Takes away what is known of a benchmark."""
        self.content["benchmarks"][benchmark] = {
            "title": title,
            "date": f"{datetime.now(UTC):%Y-%m-%d %H:%M} UTC",
            **self._session,
            "figures": [],
        }

    def add(self, benchmark: str, figure: Figure) -> None:
        """Adds a figure, and writes the file: what is measured is kept, whatever comes."""
        self.content["benchmarks"][benchmark]["figures"].append(figure.as_json())
        self.write()

    def fail(self, benchmark: str, why: str) -> None:
        """Notes that a benchmark broke off."""
        self.content["benchmarks"][benchmark]["broke_off"] = why
        self.write()

    def add_versions(self, versions: Mapping[str, str]) -> None:
        """Adds versions that are known by now."""
        self.content["versions"] |= versions
        self.write()

    def write(self) -> None:
        """Writes the file."""
        benchmarks = self.content["benchmarks"]
        self.content["benchmarks"] = {name: benchmarks[name] for name in self._order if name in benchmarks}
        self.path.write_text(json.dumps(self.content, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")


def _agree(kept: Mapping[str, str], here: Mapping[str, str]) -> bool:
    return all(kept.get(name) == version for name, version in here.items())
