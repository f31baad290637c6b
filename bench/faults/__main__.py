"""Faults from one command: ``make faults``, or ``python -m bench.faults NAME…`` for some of them.

Each strikes a service in a fresh data folder while three real clients send 300 numbered events a second. What was acknowledged has to
be found, once, and the service has to answer again without anybody's help.
"""

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

from bench.faults.clocks import HOUR, Clock
from bench.faults.interrupting import kill_in_drain, kill_in_import, kill_in_migration, kill_in_rules
from bench.faults.proxy import Proxy
from bench.faults.world import Outcome, World
from identity_graph.runtime import ensure_server, stop_server
from identity_graph.settings import Settings

FOLDER = Path(".identity-graph") / "faults"
TARGET = 20.0
"""Seconds from the end of a cause to the first 200."""

_DISK = "1200m"


def kill_service(world: World) -> float:
    """Kill the service."""
    world.service.kill()
    return time.monotonic()


def kill_neo4j(world: World) -> float:
    """Kill Neo4j."""
    world.kill_neo4j()
    return time.monotonic()


def kill_both(world: World) -> float:
    """Kill both."""
    world.kill_neo4j()
    world.service.kill()
    return time.monotonic()


def stop_neo4j(world: World) -> float:
    """Stop Neo4j and let it go on."""
    server = world.neo4j
    assert server is not None
    os.kill(server.pid, signal.SIGSTOP)
    time.sleep(30)
    os.kill(server.pid, signal.SIGCONT)
    return time.monotonic()


def end_one_of_two(world: World) -> float:
    """End the service that started Neo4j."""
    world.services[0].end()
    return time.monotonic()


def end_service(world: World) -> float:
    """Tell the service to end."""
    assert world.service.process is not None
    world.service.process.terminate()
    world.service.process.wait()
    return time.monotonic()


def fill_disk(world: World) -> float:
    """Fill the disk of the data folder, and make room again."""
    filler = world.folder / "filler"
    with filler.open("wb") as file:
        try:
            while True:
                file.write(bytes(1 << 20))
        except OSError:
            pass
    time.sleep(10)
    filler.unlink()
    return time.monotonic()


def kill_at_random(world: World) -> float:
    """Kill the service or Neo4j at eight moments."""
    moments = sorted(random.uniform(0, 50) for _ in range(8))
    begun = time.monotonic()
    for moment in moments:
        time.sleep(max(0.0, begun + moment - time.monotonic()))
        if random.random() < 0.5:
            world.service.kill()
        else:
            world.kill_neo4j()
    time.sleep(max(0.0, begun + 50 - time.monotonic()))
    return time.monotonic()


def jump_clock(world: World) -> float:
    """Set the clock of the service an hour ahead, then two hours back, one behind the true time, then right."""
    assert world.clock is not None
    for seconds in (HOUR, -HOUR, 0):
        world.clock.jump(seconds, world.url)
        time.sleep(10)
    return time.monotonic()


def reset_connections(proxy: Proxy) -> None:
    """Reset all connections to Neo4j again and again."""
    for _ in range(30):
        proxy.reset_all()
        time.sleep(0.5)


def lose_commits(proxy: Proxy) -> None:
    """Cut connections after a commit, before its answer."""
    proxy.losing = 1 / 3
    time.sleep(15)
    proxy.losing = 0
    if not proxy.cuts:
        raise RuntimeError("no commit was cut")


_FAULTS: dict[str, tuple[str, Callable[[World], float]]] = {
    "kill-service": ("kill -9 of the service", kill_service),
    "kill-neo4j": ("kill -9 of Neo4j", kill_neo4j),
    "kill-both": ("kill -9 of both", kill_both),
    "stop-neo4j": ("Neo4j stopped for 30 s (SIGSTOP)", stop_neo4j),
    "end-one-of-two": ("two services on one data folder, the first one ends", end_one_of_two),
    "end-service": ("the service told to end (SIGTERM), and started again", end_service),
    "disk-full": ("the disk full for 10 s", fill_disk),
    "kill-at-random": ("eight kills at random in 50 s", kill_at_random),
    "clock-jumps": ("the clock an hour forward, two hours back, and right again", jump_clock),
    "kill-in-migration": ("kill -9 of both, three times while migrations run", kill_in_migration),
    "kill-in-import": ("kill -9 of an import, twice, and the same again", kill_in_import),
    "kill-in-drain": ("kill -9 of the service while it drains the spool, twice", kill_in_drain),
    "kill-in-rules": ("kill -9 of the service and of who applies rules, twice", kill_in_rules),
}
_BETWEEN: dict[str, tuple[str, Callable[[Proxy], None]]] = {
    "reset-connections": ("connections to Neo4j reset, twice a second for 15 s", reset_connections),
    "lose-commits": ("commits whose answer is lost, every third for 15 s", lose_commits),
}


def main() -> int:
    names = sys.argv[1:] or [*_FAULTS, *_BETWEEN]
    unknown = set(names) - {*_FAULTS, *_BETWEEN}
    if unknown:
        print(f"There is no fault {', '.join(sorted(unknown))}: {', '.join([*_FAULTS, *_BETWEEN])}.")
        return 2
    results = FOLDER.parent / "faults.json"
    all_well = True
    for name in names:
        outcome = _strike_between(name) if name in _BETWEEN else _strike(name)
        described, _ = _BETWEEN.get(name) or _FAULTS[name]
        known = json.loads(results.read_text()) if results.exists() else {}
        results.write_text(json.dumps({**known, name: [described, *outcome]}, indent=1))
        well = not (outcome.lost or outcome.doubled or outcome.wrong) and outcome.seconds <= TARGET
        all_well = all_well and well
        print(_row(described, outcome), "" if well else "  MISSED", flush=True)
    return 0 if all_well else 1


def _strike(name: str) -> Outcome:
    folder = _fresh()
    if name == "disk-full":
        subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={_DISK}", "tmpfs", str(folder)], check=True)  # wants root
    clock = Clock(folder / "clock") if name == "clock-jumps" else None
    world = World(folder, services=2 if name == "end-one-of-two" else 1, clock=clock)
    if clock is not None:
        ensure_server(world.settings)  # with the true clock: the service only finds it
    try:
        world.begin()
        cause_gone = _FAULTS[name][1](world)
        return world.finish(world.wait_for_answers(cause_gone))
    finally:
        world.end()
        stop_server(world.settings)
        if name == "disk-full":
            subprocess.run(["umount", "-l", str(folder)], check=True)


def _strike_between(name: str) -> Outcome:
    """Strike the connections to a Neo4j beside the service: to its own one it would not connect through a stranger."""
    folder = _fresh()
    settings = Settings(data_dir=folder / "data", neo4j_uri=None, neo4j_heap="512m", neo4j_page_cache="128m")
    server = ensure_server(settings)
    proxy = Proxy(server.process.bolt_port)
    world = World(folder, uri=f"bolt://127.0.0.1:{proxy.port}", password=server.password)
    try:
        world.begin()
        _BETWEEN[name][1](proxy)
        return world.finish(world.wait_for_answers(time.monotonic()))
    finally:
        world.end()
        proxy.close()
        stop_server(settings)


def _fresh() -> Path:
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(mode=0o700, parents=True)
    return FOLDER.resolve()


def _row(described: str, outcome: Outcome) -> str:
    return (
        f"| {described} | {outcome.acknowledged:,} | {outcome.found:,} | {outcome.lost} | {outcome.doubled} | {outcome.wrong} of {outcome.customers:,} "
        f"| {outcome.seconds:.1f} | {outcome.slowest:.1f} |"
    )


if __name__ == "__main__":
    sys.exit(main())
