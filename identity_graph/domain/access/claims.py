"""What the claims of a token come to: who it is, and which scopes they have."""

from collections.abc import Mapping, Sequence

from identity_graph.domain.access.keys import Refusal
from identity_graph.domain.access.principals import Principal, Scope

PREFIX = "identity-graph:"
"""How a value of the claim begins that names a scope of this service; among others, plain names could be anybody's."""

Claims = Mapping[str, object]


def principal_of(
    claims: Claims, *, scopes_claim: str, name_claim: str, mapping: Mapping[str, frozenset[Scope]]
) -> Principal | Refusal:
    """Tell who comes with a token that was checked. ``mapping`` gives scopes to values of the claim, such as groups.

    The claim is a text of values between spaces, or a list of them. Values that mean nothing here are passed over.
    """
    scopes = scopes_of(claims.get(scopes_claim), mapping)
    name = claims.get(name_claim)
    if not isinstance(name, str) or not name.strip() or not name.isprintable():
        return Refusal.FORGED
    return Principal(name, "token", scopes) if scopes else Refusal.WITHOUT_SCOPES


def scopes_of(claim: object, mapping: Mapping[str, frozenset[Scope]]) -> frozenset[Scope]:
    """Read the scopes out of a claim."""
    found: set[Scope] = set()
    for value in _values_of(claim):
        found |= mapping.get(value, frozenset())
        name = value.removeprefix(PREFIX)
        if name != value and name in set(Scope):
            found.add(Scope(name))
    return frozenset(found)


def _values_of(claim: object) -> Sequence[str]:
    if isinstance(claim, str):
        return claim.split()
    if isinstance(claim, list):
        return [value for value in claim if isinstance(value, str)]
    return ()
