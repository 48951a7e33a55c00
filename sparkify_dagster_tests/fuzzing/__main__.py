"""`python -m sparkify_dagster_tests.fuzzing`: fuzzing for as long as one likes.

    --target NAME     one target; all, one after the other, where none is named
    --seconds N       how long each
    --seed N          for other inputs than the last time (hypothesis alone)
    --by WAY          coverage or hypothesis; coverage where atheris is installed (`pip install atheris`) and one
                      target is named
    --corpus FOLDER   where inputs that led somewhere are kept from run to run (coverage alone)
    --replay FILE     try the content of a file, as one that was found

What belongs here: the command line. What doesn't: running (``running``).
"""

import argparse
import tempfile
import time
from pathlib import Path

from sparkify_dagster_tests.fuzzing import NAMES
from sparkify_dagster_tests.fuzzing.running import has_coverage_guidance, run_for, run_led_by_coverage


def main() -> None:
    """Runs what the command line says."""
    words = _words()
    led = words.by == "coverage" or (words.by is None and words.target and has_coverage_guidance())
    if led and not words.replay:
        corpus = words.corpus or Path(tempfile.mkdtemp(prefix="sparkify-fuzzing-")) / words.target
        print(f"{words.target}: led by coverage; what is found is written to {corpus.parent}", flush=True)
        run_led_by_coverage(words.target, words.seconds, corpus)

    from sparkify_dagster_tests.fuzzing.catalogue import TARGETS

    for name in [words.target] if words.target else TARGETS:
        if words.replay:
            TARGETS[name].check(words.replay.read_bytes())
            continue
        began = time.monotonic()
        tried = run_for(TARGETS[name], words.seconds, words.seed)
        took = time.monotonic() - began
        print(f"{name}: {tried:,} inputs in {took:.0f} s, {tried / took:,.0f} a second", flush=True)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sparkify_dagster_tests.fuzzing")
    parser.add_argument("--target", choices=NAMES, metavar="NAME", help=", ".join(NAMES))
    parser.add_argument("--seconds", type=int, default=60, metavar="N")
    parser.add_argument("--seed", type=int, default=0, metavar="N")
    parser.add_argument("--by", choices=["coverage", "hypothesis"])
    parser.add_argument("--corpus", type=Path, metavar="FOLDER")
    parser.add_argument("--replay", type=Path, metavar="FILE")
    words = parser.parse_args()
    if words.by == "coverage" and not words.target:
        parser.error("--by coverage needs a --target")
    if words.by == "coverage" and not has_coverage_guidance():
        parser.error("--by coverage needs atheris: pip install atheris")
    return words


if __name__ == "__main__":
    main()
