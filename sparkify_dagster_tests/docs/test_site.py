"""The site of the documentation can be made, and its links lead somewhere."""

import subprocess
import sys
from pathlib import Path

import pytest

from .pages import ROOT

pytestmark = pytest.mark.slow


def test_the_site_is_made_without_a_warning_and_shows_pages_of_other_folders(tmp_path: Path) -> None:
    options = ["--quiet", "--fail-on-warning", "--keep-going", "--nitpicky", "--doctree-dir", str(tmp_path / "trees")]
    done = subprocess.run(
        [sys.executable, "-m", "sphinx", *options, "--builder", "html", "docs", str(tmp_path / "site")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout + done.stderr) == (0, "")
    deployments = (tmp_path / "site" / "deployments.html").read_text(encoding="utf-8")
    assert "ECS Fargate" in deployments
    plays = (tmp_path / "site" / "reference" / "tables" / "songplays.html").read_text(encoding="utf-8")
    assert 'href="staging_events.html#ts"' in plays
