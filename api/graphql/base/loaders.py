"""Loaders of one request: what many objects ask for at once is one query, and is asked for once."""

from collections.abc import Callable, Hashable
from functools import cached_property, partial
from typing import Any, TypeVar

from strawberry.dataloader import DataLoader

from identity_graph.domain.collecting.read_models import DeadLetterView
from identity_graph.domain.identity.read_models import (
    ChangeView,
    CustomerChange,
    CustomerIdentifier,
    CustomerView,
    LinkView,
    OwnedIdentifier,
    RefusedLinkView,
    TouchpointIdentifier,
)
from identity_graph.domain.journeys.read_models import (
    CustomerSession,
    JourneyTouchpoint,
    SessionView,
    Touches,
    TouchpointView,
)
from identity_graph.domain.profiles.claims import Order
from identity_graph.domain.profiles.read_models import TraitClaimView, TraitView
from identity_graph.domain.profiles.regime import InForce
from identity_graph.domain.values.observations import Campaign, Instant
from identity_graph.service.changes import log as change_log
from identity_graph.service.changes.log import ChangeFilter, Sides
from identity_graph.service.collecting import reading as collecting
from identity_graph.service.customers import cards, history
from identity_graph.service.journeys import reading as journeys
from identity_graph.service.journeys.reading import JourneyFilter
from identity_graph.service.positions import Page, TimePosition
from identity_graph.service.profiles import reading as profiles
from identity_graph.service.profiles.claim_reading import Place, read_claims
from identity_graph.service.profiles.computed_reading import ComputedView, read_computed_of
from identity_graph.service.reads import Reads

L = TypeVar("L")


class Loaders:
    """The loaders of one request. Those that take arguments are kept by their arguments."""

    def __init__(self, reads: Reads, in_force: InForce) -> None:
        self.reads = reads
        self._in_force = in_force
        self._with_arguments: dict[Hashable, Any] = {}

    @cached_property
    def customers(self) -> DataLoader[str, CustomerView | None]:
        """Customers by an id that they have or once had."""
        return DataLoader(partial(cards.read_each_customer, self.reads))

    @cached_property
    def identifiers(self) -> DataLoader[str, OwnedIdentifier | None]:
        """Identifiers by key, with their customers."""
        return DataLoader(partial(cards.read_each_identifier, self.reads))

    @cached_property
    def identifiers_of(self) -> DataLoader[str, list[CustomerIdentifier]]:
        """Identifiers of a customer."""
        return DataLoader(partial(cards.read_identifiers_of, self.reads))

    def traits_of(self, names: tuple[str, ...] | None) -> DataLoader[str, list[TraitView]]:
        """Return the loader of customers' traits, of some names or of all."""
        return self.kept(
            ("traits", names),
            lambda: DataLoader(partial(profiles.read_traits_of, self.reads, in_force=self._in_force, names=names)),
        )

    def claims_of(self, first: int, after: Order | None) -> DataLoader[Place, Page[TraitClaimView]]:
        """Return the loader of pages of claims, by customer and name."""
        return self.kept(
            ("claims", first, after),
            lambda: DataLoader(partial(read_claims, self.reads, in_force=self._in_force, first=first, after=after)),
        )

    def computed_of(self, names: tuple[str, ...] | None, now: Instant) -> DataLoader[str, list[ComputedView]]:
        """Return the loader of customers' computed traits, of some names or of all, at a moment."""
        return self.kept(
            ("computed", names, now),
            lambda: DataLoader(
                partial(read_computed_of, self.reads, in_force=self._in_force, now=now, names=names),
            ),
        )

    @cached_property
    def trait_counts(self) -> DataLoader[str, int]:
        """How many traits a customer has."""
        return DataLoader(partial(profiles.count_traits_of, self.reads))

    @cached_property
    def merged_ids_of(self) -> DataLoader[str, list[str]]:
        """Ids that were merged into a customer."""
        return DataLoader(partial(cards.read_merged_ids_of, self.reads))

    @cached_property
    def links_of(self) -> DataLoader[str, list[LinkView]]:
        """Links inside a customer."""
        return DataLoader(partial(cards.read_links_of, self.reads))

    @cached_property
    def touchpoints(self) -> DataLoader[str, TouchpointView | None]:
        """Touchpoints by id."""
        return DataLoader(partial(journeys.read_touchpoints, self.reads))

    @cached_property
    def campaigns(self) -> DataLoader[str, Campaign | None]:
        """What brought people to touchpoints."""
        return DataLoader(partial(journeys.read_campaigns, self.reads))

    def touches(self, conversion: str, within: int, direct: bool) -> DataLoader[str, Touches | None]:
        """Return the loader of the visits before customers' conversions."""
        return self.kept(
            ("touches", conversion, within, direct),
            lambda: DataLoader(
                partial(journeys.read_touches, self.reads, conversion=conversion, within=within, direct=direct)
            ),
        )

    @cached_property
    def contexts(self) -> DataLoader[str, str]:
        """Contexts of touchpoints, as JSON."""
        return DataLoader(partial(journeys.read_contexts, self.reads))

    @cached_property
    def identifiers_of_touchpoint(self) -> DataLoader[str, list[TouchpointIdentifier]]:
        """Identifiers that a touchpoint observed."""
        return DataLoader(partial(journeys.read_identifiers_of_touchpoints, self.reads))

    @cached_property
    def sessions(self) -> DataLoader[str, SessionView | None]:
        """Sessions by id."""
        return DataLoader(partial(journeys.read_sessions, self.reads))

    @cached_property
    def session_counts(self) -> DataLoader[str, int]:
        """How many sessions a customer has."""
        return DataLoader(partial(journeys.count_sessions_of, self.reads))

    @cached_property
    def dead_letters(self) -> DataLoader[str, DeadLetterView | None]:
        """Dead letters by id."""
        return DataLoader(partial(collecting.read_dead_letters, self.reads))

    def journeys(
        self, wanted: JourneyFilter, first: int, after: TimePosition | None
    ) -> DataLoader[str, Page[JourneyTouchpoint]]:
        """Return the loader of this page of customers' journeys."""
        return self.kept(
            ("journey", wanted, first, after),
            lambda: DataLoader(partial(journeys.read_journeys, self.reads, wanted=wanted, first=first, after=after)),
        )

    def journey_counts(self, wanted: JourneyFilter) -> DataLoader[str, int]:
        """Return the loader of the lengths of customers' journeys."""
        return self.kept(
            ("journey count", wanted),
            lambda: DataLoader(partial(journeys.count_journeys, self.reads, wanted=wanted)),
        )

    def sessions_of(self, first: int, after: TimePosition | None) -> DataLoader[str, Page[CustomerSession]]:
        """Return the loader of this page of customers' sessions."""
        return self.kept(
            ("sessions", first, after),
            lambda: DataLoader(partial(journeys.read_sessions_of, self.reads, first=first, after=after)),
        )

    def refused_links_of(self, first: int, after: tuple[str, str] | None) -> DataLoader[str, Page[RefusedLinkView]]:
        """Return the loader of this page of customers' links to others."""
        return self.kept(
            ("refused links", first, after),
            lambda: DataLoader(
                partial(
                    cards.read_refused_links_of,
                    self.reads,
                    first=first,
                    after=after,
                    max_identifiers=self._in_force.rules.max_identifiers,
                )
            ),
        )

    @cached_property
    def changes(self) -> DataLoader[str, ChangeView | None]:
        """Changes by id."""
        return DataLoader(partial(change_log.find_changes, self.reads))

    @cached_property
    def changed_customers(self) -> DataLoader[str, list[str]]:
        """Ids of the customers that a change is about."""
        return DataLoader(partial(change_log.read_changed_customers, self.reads))

    @cached_property
    def sides(self) -> DataLoader[str, Sides]:
        """Who was whose before and after a change."""
        return DataLoader(partial(change_log.read_sides, self.reads))

    def history_of(self, first: int, after: int | None) -> DataLoader[str, Page[CustomerChange]]:
        """Return the loader of this page of customers' histories."""
        return self.kept(
            ("history", first, after),
            lambda: DataLoader(
                partial(
                    change_log.read_changes_of,
                    self.reads,
                    wanted=ChangeFilter(),
                    first=first,
                    after=after,
                    newest_first=True,
                )
            ),
        )

    def identifiers_at(self, at: Instant) -> DataLoader[str, list[CustomerIdentifier]]:
        """Return the loader of the identifiers that customers had at a moment."""
        return self.kept(
            ("identifiers at", at), lambda: DataLoader(partial(history.read_identifiers_at, self.reads, at=at))
        )

    def kept(self, key: Hashable, make: Callable[[], L]) -> L:
        """Return the loader of this name and these arguments, made when it is first asked for."""
        loader = self._with_arguments.get(key)
        if loader is None:
            loader = self._with_arguments[key] = make()
        return loader
