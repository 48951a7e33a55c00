"""The targets by name, each with its inputs.

What belongs here: which function goes with which bytes. What doesn't: either of them, and the runner.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from sparkify_dagster_tests.fuzzing import inputs, targets
from sparkify_dagster_tests.fuzzing.inputs import Bytes
from sparkify_dagster_tests.fuzzing.two_paths import check_two_paths


@dataclass(frozen=True, slots=True)
class Target:
    """Something to be fuzzed.

    Attributes:
        check: Raises where a promise is broken; takes any bytes.
        inputs: Bytes worth trying.
        seeds: Bytes to begin with.
        words: Bytes worth putting in.
        quick: Whether some hundreds of inputs take no more than seconds.
    """

    check: Callable[[bytes], None]
    inputs: Bytes
    seeds: Callable[[], list[bytes]]
    words: Sequence[bytes]
    quick: bool = True


TARGETS = {
    "records": Target(targets.check_record, inputs.RECORDS, inputs.record_seeds, inputs.WORDS),
    "files": Target(targets.check_file, inputs.FILES, inputs.file_seeds, inputs.WORDS),
    "keys": Target(targets.check_key, inputs.KEYS, inputs.key_seeds, inputs.KEY_WORDS),
    "notifications": Target(targets.check_notification, inputs.MESSAGES, inputs.message_seeds, inputs.MESSAGE_WORDS),
    "two-paths": Target(check_two_paths, inputs.CONTENTS, inputs.content_seeds, inputs.WORDS, quick=False),
}
