"""``identity-graph`` as a process of its own, as a shell starts it, without the second that Python takes to import it.

A process that has imported everything forks for each command. So the command has its own arguments, environment, folder and
output, as it has anywhere.
"""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from multiprocessing import get_context
from pathlib import Path
from tempfile import TemporaryDirectory

_PROGRAM = "identity-graph"
_FORKING = get_context("forkserver")
_FORKING.set_forkserver_preload(["identity_graph.cli.app", __name__])


def run_program(
    arguments: Sequence[str], *, folder: Path, environment: Mapping[str, str], seconds: float
) -> "subprocess.CompletedProcess[str]":
    """Run ``identity-graph`` with the arguments; raises subprocess.TimeoutExpired when it takes longer."""
    with TemporaryDirectory() as temporary:
        said, complained = Path(temporary, "stdout"), Path(temporary, "stderr")
        process = _FORKING.Process(target=_be_program, args=(arguments, folder, dict(environment), said, complained))
        process.start()
        process.join(seconds)
        if process.exitcode is None:
            process.kill()
            process.join()
            raise subprocess.TimeoutExpired([_PROGRAM, *arguments], seconds)
        texts = [path.read_text("utf-8") if path.exists() else "" for path in (said, complained)]
        return subprocess.CompletedProcess([_PROGRAM, *arguments], process.exitcode, *texts)


def _be_program(
    arguments: Sequence[str], folder: Path, environment: Mapping[str, str], said: Path, complained: Path
) -> None:
    from identity_graph.cli.app import main

    for number, path in ((0, Path(os.devnull)), (1, said), (2, complained)):
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        os.dup2(file, number)
        os.close(file)
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    sys.argv = [_PROGRAM, *arguments]
    main()
