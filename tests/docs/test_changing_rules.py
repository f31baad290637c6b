"""docs/rules.md on a graph that is in use: what changes its rules runs, and shows what the page says."""

from tests.docs.blocks import read_blocks
from tests.docs.running import Reader


async def test_a_reader_can_change_the_rules_and_change_them_back(reader: Reader) -> None:
    blocks = [block for block in read_blocks("docs/rules.md") if block.language in {"bash", "text"}]
    assert [block.language for block in blocks] == ["bash", "bash", "text"]
    await reader.follow(blocks)
