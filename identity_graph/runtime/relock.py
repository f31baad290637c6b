"""Writes ``jars.lock`` anew: ``python -m identity_graph.runtime.relock``, after a change of the coordinates."""

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from identity_graph.runtime.jars import COORDINATES, LOCK_HEADER, LockedJar, lock_path, sha256_of


def relock(target: Path) -> list[LockedJar]:
    """Resolve the coordinates, fetch every jar and write its name, size and SHA-256 to ``target``."""
    import jgo
    from jgo.maven import MavenContext

    jars: list[LockedJar] = []
    with TemporaryDirectory(prefix="identity-graph-relock-") as folder:
        context = MavenContext(repo_cache=Path(folder))
        for found in jgo.resolve(COORDINATES):
            if found.packaging != "jar":
                continue
            project = context.project(found.groupId, found.artifactId)
            path = project.at_version(found.version).artifact(found.classifier).resolve()
            coordinate = ":".join(
                part for part in (found.groupId, found.artifactId, found.version, found.classifier) if part
            )
            jars.append(LockedJar(coordinate, path.stat().st_size, sha256_of(path)))
    jars.sort(key=lambda jar: jar.coordinate)
    lines = [f"{jar.coordinate} {jar.size} {jar.sha256}" for jar in jars]
    target.write_text("\n".join([*LOCK_HEADER, *lines, ""]), encoding="utf-8")
    return jars


if __name__ == "__main__":
    sys.stderr.write(f"{len(relock(lock_path()))} jars locked\n")
