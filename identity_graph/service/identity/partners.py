"""Partners counted again from the stored links."""

from collections import Counter
from collections.abc import Iterable, Sequence

from identity_graph.domain.rules.difference import Difference
from identity_graph.domain.rules.partners import find_partner_scope
from identity_graph.domain.rules.rule_set import RuleSet
from identity_graph.domain.values.identifiers import Identifier, namespace_of
from identity_graph.store.driver.query import ReadTransaction
from identity_graph.store.driver.rows import to_json
from identity_graph.store.identity import links as link_store
from identity_graph.store.rules.rule_sets import PagedCustomer


async def count_partners(tx: ReadTransaction, keys: Iterable[str], rules: RuleSet) -> dict[str, dict[str, int]]:
    """Count the partners of identifiers under rules, per namespace and scope."""
    counts: dict[str, Counter[str]] = {key: Counter() for key in keys}
    for row in await link_store.list_partners(tx, keys=sorted(counts)) if counts else []:
        scope = find_partner_scope(Identifier.from_key(row.other_key), Identifier.from_key(row.key), rules)
        if scope is not None:
            counts[row.key][scope] += 1
    return {key: dict(counted) for key, counted in counts.items()}


async def recount_partners(
    tx: ReadTransaction, customers: Sequence[PagedCustomer], difference: Difference, rules: RuleSet
) -> list[PagedCustomer]:
    """Give customers with the partners that their members have under other rules."""
    keys = {member[0] for row in customers for member in row.members if difference.recounts(namespace_of(member[0]))}
    counted = {key: to_json(partners) for key, partners in (await count_partners(tx, keys, rules)).items()}
    return [
        row._replace(members=[(key, counted.get(key, partners), *rest) for key, partners, *rest in row.members])
        for row in customers
    ]
