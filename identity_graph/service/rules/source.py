"""Rules as somebody names them, in a command or a setting: a file, or a set that ships with the package."""

from pathlib import Path

from identity_graph.domain.rules.file import PRESETS, load_preset, parse_rules
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.errors import RulesError


def read_rules(name: str | Path) -> RuleSet:
    """Read the rules of a file; a name that is no file may be that of a set that ships.

    So a file that is called like a set is taken, and never overlooked. Whoever means the set moves it away.

    Raises:
        RulesError: there is neither, or the file does not hold what it should.
    """
    path = Path(name)
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError as error:
        raise RulesError(f"{name} is not UTF-8 text (byte {error.start}): save it as UTF-8.") from error
    except OSError as error:
        if str(name) in PRESETS:
            return load_preset(str(name))
        raise RulesError(
            f"{name} cannot be read as rules ({error.strerror}). Give a file, or one of the presets: "
            f"{', '.join(PRESETS)}."
        ) from error
    return parse_rules(text, name=path.name)
