"""The key that signs checkpoints: made at first use, kept in the data folder for its owner only."""

import os
import secrets
from pathlib import Path

from identity_graph.domain.audit.checkpoints import Signer
from identity_graph.errors import SettingsError

_NAME = "audit.key"
_BYTES = 32


def key_file(data_dir: Path) -> Path:
    """Give the file of the key."""
    return data_dir / _NAME


def load_signer(data_dir: Path) -> Signer:
    """Read the key of a data folder, or make one there. Two processes that make one at the same time get the same one.

    Raises:
        SettingsError: the file cannot be read or made, or holds no key.
    """
    signer = find_signer(data_dir)
    if signer is not None:
        return signer
    path = key_file(data_dir)
    draft = path.with_name(f"{_NAME}.{secrets.token_hex(8)}")
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_hex(_BYTES) + "\n")
            file.flush()
            os.fsync(file.fileno())
        try:
            path.hardlink_to(draft)  # whoever is first wins, and nobody sees half a key
        except FileExistsError:
            pass
        finally:
            draft.unlink()
    except OSError as error:
        raise SettingsError(
            f"The key of the audit log cannot be made as {path} ({error.strerror or error}). Let the service write to its data "
            "folder, or set IDENTITY_GRAPH_DATA_DIR to another one."
        ) from error
    signer = find_signer(data_dir)
    assert signer is not None  # noqa: S101 - it was made just now
    return signer


def find_signer(data_dir: Path) -> Signer | None:
    """Read the key of a data folder; None when there is none.

    Raises:
        SettingsError: the file cannot be read, or holds no key.
    """
    path = key_file(data_dir)
    try:
        seed = bytes.fromhex(path.read_text(encoding="ascii"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise SettingsError(
            f"The key of the audit log cannot be read from {path} ({type(error).__name__}). Restore it from a backup, or move it "
            "away: then a new one is made, and what the old one signed is verified with `--key` and its public key."
        ) from error
    if len(seed) != _BYTES:
        raise SettingsError(f"{path} is not the key of an audit log: it has {len(seed)} bytes, not {_BYTES}.")
    return Signer(seed)
