"""Starts a program that outlives whoever started it: ``python detach.py LOG COMMAND…`` prints its process id.

Run as a file by a short-lived interpreter, so that the server is nobody's child: it survives the terminal, Ctrl-C does not
reach it, and a service that started it need not wait for it.
"""

import os
import subprocess
import sys

if __name__ == "__main__":
    os.umask(0o077)  # whatever the server writes is for its owner only
    # The settings of the service hold keys, and a JVM shows its environment to tools and dumps.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("IDENTITY_GRAPH_")}
    with open(sys.argv[1], "wb") as log:  # noqa: PTH123 - nothing but the bare minimum is imported here
        child = subprocess.Popen(
            sys.argv[2:],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    sys.stdout.write(f"{child.pid}\n")
    sys.stdout.flush()
    child.returncode = 0  # it is left alone on purpose
