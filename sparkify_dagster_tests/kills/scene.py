"""What is in the lake before and after, and what the warehouse may hold once a process was killed.

What belongs here: the files, and the comparison with the oracle of the tests. What doesn't: killing.
"""

import json
import tempfile
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pytest

from sparkify_dagster.loading.plan import FIRST_DAY, LAST_DAY
from sparkify_dagster.sqlfiles import statements
from sparkify_dagster.steps import Step
from sparkify_dagster_tests.contract.deployment import STAGING, STAR, Deployment
from sparkify_dagster_tests.contract.strategies import LOG_KEYS, SONG_KEYS
from sparkify_dagster_tests.lakes import SONG, event, play
from sparkify_dagster_tests.oracle import Record, expected_rows

from .victim import Platform

NOVEMBER, NOVEMBER_TOO, DECEMBER, *_ = LOG_KEYS
SONG_FILE, SONG_FILE_TOO, *_ = SONG_KEYS

Files = Mapping[str, Sequence[Record]]

BEFORE: Files = {
    NOVEMBER: [play(0), play(1), event(userId="7", level="free")],
    NOVEMBER_TOO: [play(2, sessionId=4), play(3, sessionId=4, level="paid")],
    SONG_FILE: [SONG],
}
"""What is loaded before the process that is killed begins."""

AFTER: Files = {
    # One play goes, one comes, and a listener has gone over to the other subscription.
    NOVEMBER: [play(0), play(5), event(userId="7", level="paid")],
    NOVEMBER_TOO: BEFORE[NOVEMBER_TOO],
    # A play that November has too, and one of a listener who is new.
    DECEMBER: [play(0, location="Paris"), play(6, userId="8", ts=1_543_622_400_000)],
    SONG_FILE: [{**SONG, "year": 1994}],
    SONG_FILE_TOO: [{**SONG, "song_id": "SO2", "artist_id": "AR2", "artist_name": "Ada"}],
}
"""What is in the lake when it begins; December's file holds a record that is rejected as well."""

CUT = b'{"ts": 1543622400000, "page": "Next'

IN_TURN = (*STAGING, *STAR)
"""The tables in the order in which a process commits them."""


@dataclass(frozen=True)
class Scene:
    """A platform that was loaded, and whose lake has changed since."""

    deployment: Deployment
    platform: Platform

    @property
    def engine(self) -> str:
        """The kind of warehouse, for people."""
        return {"duckdb": "DuckDB", "redshift": "Redshift"}[self.deployment.warehouse.engine]

    def prepare(self) -> None:
        """Loads what was there before, and changes the lake."""
        self.deployment.begin_anew()
        self.deployment.put_all(BEFORE)
        self.deployment.load_and_build_all()
        for key, records in AFTER.items():
            if records != BEFORE.get(key):
                self.deployment.put(key, records)
        december = "".join(f"{json.dumps(record)}\n" for record in AFTER[DECEMBER])
        self.deployment.put_bytes(DECEMBER, december.encode() + CUT)
        # DuckDB's file is free for the process that comes.
        self.deployment.warehouse.close()

    def check_old_or_new(self) -> int:
        """Checks that what was committed is there whole, and of what was not, nothing; returns how many were."""
        steps = self.platform.steps()
        committed = steps.count(Step.COMMITTED)
        # Killed between the commit and the word of it: either is right, and the rows must say which.
        in_doubt = bool(steps) and steps[-1] == Step.COMMITTING
        for place, table in enumerate(IN_TURN):
            found = Counter(self.deployment.rows(table))
            old, new = (Counter(expected_rows(table, files)) for files in (BEFORE, AFTER))
            if place == committed and in_doubt:
                assert found in (old, new), table
            else:
                assert found == (new if place < committed else old), table
        self._check_ledger()
        return committed

    def load_again(self) -> None:
        """Loads without any help, and checks that all is as if nobody had been killed."""
        # Where the process that was killed had its temporary files.
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(tempfile, "tempdir", str(self.platform.scratch))
            self.deployment.load_and_build_all()
        self.check_loaded_once()
        assert list(self.platform.scratch.iterdir()) == []

    def check_loaded_once(self) -> None:
        """Checks that everything is there, once, and that loading again finds nothing to do."""
        self.deployment.check(AFTER)
        self._check_ledger()
        rows, ledger = self.deployment.snapshot(), self.deployment.ledger()
        self.deployment.load_and_build_all()
        assert (self.deployment.snapshot(), self.deployment.ledger()) == (rows, ledger)
        in_place = [key for _, key, _, removed_by in ledger[1] if removed_by is None]
        assert sorted(map(str, in_place)) == sorted(AFTER)

    def _check_ledger(self) -> None:
        with self.deployment.warehouse.reading() as session:
            for table in STAGING:
                (statement,) = statements(f"checks/records_accounted_{table}")
                assert session.query(statement, {"first_month": FIRST_DAY, "last_month": LAST_DAY}) == [], table
            (rejected,) = session.query("SELECT COUNT(*) AS n FROM rejected_records")
            (december,) = session.query(f"SELECT COUNT(*) AS n FROM load_files WHERE file_key = '{DECEMBER}'")
        assert rejected == december
