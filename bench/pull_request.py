"""Times what people wait for before a merge: `python bench/pull_request.py [--runs N]`.

The steps of the action after the installation, on a pull request that widens one
policy in a repository of 20 root modules; and the scan that the hook of
pre-commit starts, for one changed file in a repository of 5,000. Prints the
median of wall seconds, each run a fresh process with a warm cache.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

TOP = Path(__file__).parent.parent
sys.path[:0] = [str(TOP / "tests"), str(TOP / "action"), str(TOP)]

from bench.scan import generate  # noqa: E402 - likewise

import test_action as example  # noqa: E402 - see above
from action_run import run_action  # noqa: E402 - likewise
from git_repository import repository  # noqa: E402 - likewise


def action(place: Path, runs: int) -> float:
    """The seconds of the action's steps."""
    top = repository(place / "workspace", example.ROOTS)
    payload = example.pull_request(*example.merged(top, {example.CHANGED: example.WIDENED}))
    found: list[float] = []
    for number in range(runs):
        start = time.perf_counter()
        outcome = run_action(top, place / f"runner-{number}", "pull_request", payload)
        found.append(time.perf_counter() - start)
        if (outcome.outputs["findings"], outcome.outputs["access-gained"]) != ("1", "1"):
            raise SystemExit(outcome.log)
    return statistics.median(found)


def hook(place: Path, runs: int, changed: str) -> float:
    """The seconds of the hook's command."""
    command = [str(Path(sys.executable).with_name("osreach")), "scan", "--no-progress", "--changed", changed]
    found: list[float] = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, cwd=place, stdout=subprocess.DEVNULL, check=False)
        found.append(time.perf_counter() - start)
    return statistics.median(found)


def main() -> None:
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=5)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        place = Path(name)
        print(f"the action, 20 root modules           {action(place, runs):6.2f} s", flush=True)
        repository(place / "hook", {})
        generate(place / "hook", 5000)
        for what, path in (
            ("that matters", "service-0010/part-0.tf"),
            ("that does not", "service-0011/part-1.tf"),
        ):
            print(
                f"the hook, 5,000 files, one {what:<13} {hook(place / 'hook', runs, path):6.2f} s", flush=True
            )


if __name__ == "__main__":
    main()
