"""`make soak`: every property on thousands of random worlds, on two workers with a Neo4j of their own each.

Each worker takes half of the examples of every property, from a seed of its own, so neither waits for the other.
"""

import argparse
import os
import random
import re
import subprocess
import sys
import threading
import time

WORKERS = 2
_OUTCOME = re.compile(r"::\S+ (PASSED|FAILED|ERROR)\b")
EXAMPLES = 3000


def main() -> int:
    """Run the soak; 0 when all properties hold."""
    parser = argparse.ArgumentParser(prog="make soak", description=__doc__)
    parser.add_argument("--seed", type=int, default=None, help="of the random worlds; without one it is random")
    parser.add_argument("--examples", type=int, default=EXAMPLES, help="of each property, by all workers together")
    parser.add_argument("rest", nargs="*", help="arguments for pytest")
    asked = parser.parse_args()
    seed = random.randrange(10**6) if asked.seed is None else asked.seed
    print(f"Soak: {asked.examples:,} examples of each property, seed {seed}. Again: make soak SEED={seed}", flush=True)
    began = time.monotonic()
    workers = [_start(f"{seed}{number}", -(-asked.examples // WORKERS), asked.rest) for number in range(WORKERS)]
    readers = [threading.Thread(target=_tell, args=(number, worker)) for number, worker in enumerate(workers)]
    for reader in readers:
        reader.start()
    try:
        codes = [worker.wait() for worker in workers]
    finally:
        for worker in workers:
            if worker.poll() is None:
                worker.terminate()
        for reader in readers:
            reader.join()
    minutes, seconds = divmod(round(time.monotonic() - began), 60)
    failed = any(codes)
    print(f"Soak: {'FAILED' if failed else 'passed'} in {minutes} min {seconds} s, seed {seed}.", flush=True)
    return 1 if failed else 0


def _start(seed: str, examples: int, rest: list[str]) -> subprocess.Popen[str]:
    # Two workers cannot share a database: each provides its own, whatever the environment names.
    environment = {name: value for name, value in os.environ.items() if name != "IDENTITY_GRAPH_NEO4J_URI"}
    options = [
        "-m",
        "soak",
        "-v",
        "--no-header",
        "--timeout=0",
        "--durations=0",
        "--durations-min=1",
        "--tb=short",
        "-rN",
    ]
    profile = ["--hypothesis-profile=soak", f"--hypothesis-seed={seed}"]
    return subprocess.Popen(
        [sys.executable, "-u", "-m", "pytest", *options, *profile, *rest],
        env={**environment, "SOAK_EXAMPLES": str(examples)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def _tell(number: int, worker: "subprocess.Popen[str]") -> None:
    """Say at once which properties are done, and the rest when the worker is, so that nothing comes in between."""
    assert worker.stdout is not None
    rest: list[str] = []
    for line in worker.stdout:
        if _OUTCOME.search(line):
            print(f"[{number}] {line}", end="", flush=True)
        elif line.strip() or rest:
            rest.append(line)
    print(f"\n[{number}] ----------\n{''.join(rest)}", flush=True)


if __name__ == "__main__":
    sys.exit(main())
