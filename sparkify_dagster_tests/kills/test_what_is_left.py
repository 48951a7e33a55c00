"""What a process that was killed leaves lying about, and who tidies up.

What belongs here: temporary files and objects on S3. What doesn't: rows (``test_named_steps``).
"""

from pathlib import Path

import pytest

from sparkify_dagster.scratch import scratch_folder
from sparkify_dagster.steps import Step
from sparkify_dagster_tests.lake.places import S3Place

from .scene import Scene
from .victim import Moment


def below(place: S3Place, prefix: str) -> list[str]:
    found = place.client.list_objects_v2(Bucket=place.bucket, Prefix=prefix)
    return [entry["Key"] for entry in found.get("Contents", [])]


def test_objects_on_s3_are_removed_by_the_next_load_and_those_of_others_are_not(
    on_redshift: Scene, s3_place: S3Place
) -> None:
    on_redshift.prepare()
    s3_place.client.put_object(Bucket=s3_place.bucket, Key="manifests/of-another-warehouse/manifest.json", Body=b"")
    assert on_redshift.platform.run(kill_at=Moment(Step.MANIFEST)) == -9
    assert len(below(s3_place, "manifests/")) > 1
    on_redshift.load_again()
    assert below(s3_place, "manifests/") == ["manifests/of-another-warehouse/manifest.json"]


def test_a_folder_of_a_process_that_lives_is_left_alone_and_one_of_a_dead_one_goes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    dead = tmp_path / "sparkify-dead"
    dead.mkdir()
    (dead / ".lock").touch()
    (dead / "fetched.json").write_bytes(b"{}")
    foreign = tmp_path / "sparkify-of-something-else"
    foreign.mkdir()
    with scratch_folder() as first:
        (first / "rows.json").touch()
        with scratch_folder() as second:
            assert sorted(tmp_path.iterdir()) == sorted([first, second, foreign])
            assert (first / "rows.json").exists()
    assert list(tmp_path.iterdir()) == [foreign]


def test_a_link_that_looks_like_such_a_folder_is_not_followed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / ".lock").touch()
    place = tmp_path / "tmp"
    place.mkdir()
    (place / "sparkify-link").symlink_to(elsewhere)
    monkeypatch.setattr("tempfile.tempdir", str(place))
    with scratch_folder():
        pass
    assert (elsewhere / ".lock").exists()
