"""`python -m sparkify_dagster_tests.benchmarks`: measures, and writes results.json, results.md and plots.

    --only NAME       one benchmark; several times for several; all where none is named
    --quick           small sizes, to try the benchmarks themselves; the results go into the work folder
    --pairs N         how often each of two is run
    --work FOLDER     where lakes, environments and runs are kept
    --results FOLDER  where the results go
    --report          measure nothing; write results.md and the plots anew
    --list            name the benchmarks

What belongs here: the command line, and running what it asks for. What doesn't: any benchmark.
"""

import argparse
import sys
import tempfile
import time
import traceback
from pathlib import Path

from sparkify_dagster_tests.benchmarks.bench import Bench
from sparkify_dagster_tests.benchmarks.cases import CASES
from sparkify_dagster_tests.benchmarks.cases.peers import PACKAGES, peers_environment
from sparkify_dagster_tests.benchmarks.deployments import ROOT
from sparkify_dagster_tests.benchmarks.measuring.processes import CommandFailed
from sparkify_dagster_tests.benchmarks.sizes import FULL, QUICK
from sparkify_dagster_tests.benchmarks.telling.drawing import draw
from sparkify_dagster_tests.benchmarks.telling.machine import machine, versions
from sparkify_dagster_tests.benchmarks.telling.report import figure_line, report
from sparkify_dagster_tests.benchmarks.telling.results import Results
from sparkify_dagster_tests.machine import commit

_HERE = Path(__file__).parent


def main() -> int:
    """Does what the command line says; returns 1 where a benchmark broke off."""
    words = _words()
    if words.list:
        for name, case in CASES.items():
            print(f"{name:10} {case.title}")
        return 0
    work: Path = words.work / ("quick" if words.quick else "full")
    folder: Path = words.results or (work / "results" if words.quick else _HERE / "results")
    session = {"commit": commit(ROOT) or "unknown", "pairs": words.pairs, "sizes": "quick" if words.quick else "full"}
    results = Results(folder, machine(), versions(), session, list(CASES))
    failed = 0
    if not words.report:
        bench = Bench(work, words.work / "environments", QUICK if words.quick else FULL, words.pairs)
        failed = sum(not _measure(bench, results, name) for name in words.only or CASES)
    _tell(results, words.work / "environments")
    return 1 if failed else 0


def _measure(bench: Bench, results: Results, name: str) -> bool:
    """Runs a benchmark; one that breaks off leaves the others to be run."""
    case = CASES[name]
    print(f"\n{name}: {case.title}", flush=True)
    results.begin(name, case.title)
    began = time.monotonic()
    try:
        for figure in case.measure(bench):
            results.add(name, figure)
            print(f"  {figure_line(figure.as_json())}", flush=True)
        if name == "peers":
            results.add_versions(peers_environment(bench).versions(PACKAGES))
    except Exception as error:
        if not isinstance(error, CommandFailed):
            traceback.print_exc()
        print(f"{name} broke off: {error}", file=sys.stderr, flush=True)
        results.fail(name, str(error))
        return False
    print(f"  in {time.monotonic() - began:.0f} s", flush=True)
    return True


def _tell(results: Results, environments: Path) -> None:
    results.write()
    plots = draw(results.path, environments)
    results.path.with_suffix(".md").write_text(report(results.content, plots), encoding="utf-8")
    print(f"\n{results.path.with_suffix('.md')}", flush=True)


def _words() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m sparkify_dagster_tests.benchmarks")
    parser.add_argument("--only", action="append", choices=CASES, metavar="NAME", help=", ".join(CASES))
    parser.add_argument("--quick", action="store_true", help="small sizes, to try the benchmarks themselves")
    parser.add_argument("--pairs", type=int, default=5, metavar="N", help="how often each of two is run; 5 by default")
    default = Path(tempfile.gettempdir()) / "sparkify-benchmarks"
    parser.add_argument("--work", type=Path, default=default, metavar="FOLDER", help=f"{default} by default")
    parser.add_argument("--results", type=Path, metavar="FOLDER", help="where the results go")
    parser.add_argument("--report", action="store_true", help="measure nothing; write results.md and the plots anew")
    parser.add_argument("--list", action="store_true", help="name the benchmarks")
    words = parser.parse_args()
    if words.pairs < 1:
        parser.error("--pairs must be 1 or more")
    return words


if __name__ == "__main__":
    sys.exit(main())
