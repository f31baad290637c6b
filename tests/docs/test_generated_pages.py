"""What is generated from the code is what the code says now, and what is written by hand names what exists."""

import re
from importlib import import_module
from pathlib import Path

import pytest
from prometheus_client.parser import text_string_to_metric_families

from identity_graph.reference.__main__ import generated_pages
from tests import clients
from tests.docs.blocks import ROOT, pages
from tests.live import Live

ARCHITECTURE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
LINK = re.compile(r"\]\(([^)#\s]*)(?:#([\w-]+))?\)")


@pytest.mark.parametrize(("path", "text"), generated_pages().items(), ids=lambda value: getattr(value, "name", ""))
def test_a_generated_page_is_up_to_date(path: Path, text: str) -> None:
    assert path.read_text("utf-8") == text, "Run `make docs`."


def test_every_module_is_on_the_page_of_modules() -> None:
    page = (ROOT / "docs" / "modules.md").read_text("utf-8")
    modules = [
        path.relative_to(ROOT).as_posix()
        for part in ("api", "bench", "identity_graph")
        for path in (ROOT / part).rglob("*.py")
        if path.name != "__init__.py"
    ]
    assert len(modules) > 250
    assert [name for name in modules if f"](../{name})" not in page] == []


def test_every_package_and_every_module_says_what_it_is() -> None:
    page = (ROOT / "docs" / "modules.md").read_text("utf-8")
    assert re.findall(r"^\| \S+ \|\s*\|", page, re.MULTILINE) == []
    assert re.findall(r"^## \S+\n\n\n", page, re.MULTILINE) == []


def test_every_invariant_names_a_test_that_exists() -> None:
    section = ARCHITECTURE.partition("## Invariants")[2].partition("\n## ")[0]
    rows = [row for row in section.splitlines() if row.startswith("| ") and not row.startswith(("| what", "|---"))]
    assert len(rows) > 8
    for row in rows:
        guards = re.findall(r"\]\(([^)]+)\)", row.rpartition("|")[0].rpartition("|")[2])
        assert guards, row
        assert all((ROOT / guard).exists() for guard in guards), row


@pytest.mark.parametrize("page", pages())
def test_the_links_of_a_page_lead_somewhere(page: str) -> None:
    text = re.sub(r"```.*?```", "", (ROOT / page).read_text("utf-8"), flags=re.DOTALL)
    for target, anchor in LINK.findall(text):
        if "://" in target:
            continue
        path = (ROOT / page).parent / target if target else ROOT / page
        assert path.exists(), f"{page}: {target}"
        if anchor:
            assert anchor in anchors(path), f"{page}: {target}#{anchor}"


def anchors(path: Path) -> set[str]:
    """List the anchors of a page: those that it sets and those of its headings."""
    text = path.read_text("utf-8")
    headings = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return set(re.findall(r'<a id="([\w-]+)">', text)) | {
        re.sub(r"[^\w\- ]", "", h).lower().replace(" ", "-") for h in headings
    }


async def test_the_metrics_of_the_page_are_those_of_the_service(live: Live) -> None:
    page = (ROOT / "docs" / "operations.md").read_text("utf-8").partition("## Metrics")[2]
    told = set(re.findall(r"^\| `(identity_graph_\w+)` \|", page, re.MULTILINE))
    async with clients.AsyncClient() as client:
        text = (await client.get(f"{live.url}/metrics")).text
    families = [f for f in text_string_to_metric_families(text) if not f.name.endswith("_created")]
    assert told == {family.name + ("_total" if family.type == "counter" else "") for family in families}


def test_every_decision_is_in_the_index() -> None:
    folder = ROOT / "docs" / "adr"
    index = (folder / "README.md").read_text("utf-8")
    records = sorted(path.name for path in folder.glob("0*.md"))
    assert records
    assert re.findall(r"\((0\d{3}-[\w-]+\.md)\)", index) == records
    for name in records:
        text = (folder / name).read_text("utf-8")
        assert all(f"\n## {part}\n" in text for part in ("Context", "Decision", "Consequences")), name


def test_the_code_map_imports() -> None:
    for module in re.findall(r"python -m ([\w.]+)", "".join((ROOT / page).read_text("utf-8") for page in pages())):
        if module.startswith("identity_graph"):
            import_module(module)


def test_every_target_is_told_to_contributors() -> None:
    targets = re.findall(r"^([a-z-]+):.*## ", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    told = re.findall(r"^\| `make ([\w-]+)` \|", (ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert set(told) == set(targets) - {"help"}
