"""Write the generated pages of a checkout: ``python -m identity_graph.reference``, or ``make docs``."""

from pathlib import Path

from identity_graph.reference.authorisation_page import render_authorisation
from identity_graph.reference.code_map import insert_code_map, render_modules
from identity_graph.reference.schema_page import render_schema
from identity_graph.reference.scopes_page import render_scopes
from identity_graph.reference.settings_page import render_settings

ROOT = Path(__file__).resolve().parents[2]


def generated_pages(root: Path = ROOT) -> dict[Path, str]:
    """Give what each generated page should hold, by its path; the rest of ARCHITECTURE.md is taken as it stands."""
    architecture = root / "ARCHITECTURE.md"
    return {
        root / "docs" / "settings.md": render_settings(),
        root / "docs" / "schema.md": render_schema(),
        root / "docs" / "scopes.md": render_scopes(),
        root / "docs" / "authorisation.md": render_authorisation(),
        root / "docs" / "modules.md": render_modules(root),
        architecture: insert_code_map(architecture.read_text(encoding="utf-8"), root),
    }


def main() -> None:
    """Write the pages that are not what they should be."""
    for path, text in generated_pages().items():
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    main()
