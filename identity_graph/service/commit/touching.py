"""Taking note of what new events change of customers, as far as segments read it."""

from collections.abc import Sequence

from identity_graph.domain.profiles.inputs import Inputs
from identity_graph.domain.profiles.regime import Regime
from identity_graph.domain.profiles.touched import tokens_of_event, tokens_of_traits
from identity_graph.domain.rules.ranking import find_strongest
from identity_graph.domain.values.observations import Event
from identity_graph.service.identity.intake import Intake
from identity_graph.service.identity.resolving import Resolved
from identity_graph.service.identity.touching import touch_resolved
from identity_graph.service.journeys.sessionizing import SessionChanges, touch_sessions


def touch_taken_in(
    events: Sequence[Event],
    intake: Intake,
    resolved: Resolved,
    journeys: SessionChanges,
    regime: Regime,
    watched: Inputs,
) -> None:
    """Take note of the customers of new events; orders are noted where they are folded."""
    touched = regime.touched
    touch_resolved(intake, resolved, regime)
    touch_sessions(journeys, regime)
    contacts = set(regime.catalogue.preference.names)
    for event in events:
        session = journeys.session_of.get(event.id)
        if session is not None:
            tokens = tokens_of_event(event.name or event.type, event.channel, watched, contacts)
            if tokens:
                touched.touch_key(journeys.owner_of(session), tokens, event.occurred_at)
        if event.traits and event.identifiers:
            tokens = tokens_of_traits(event.traits, watched)
            if tokens:
                touched.touch_key(find_strongest(event.identifiers, regime.rules).key, tokens, event.occurred_at)
        if watched.all_traits:
            # The identifiers seen last are those whose claims are checked.
            for identifier in event.identifiers:
                touched.touch_key(identifier.key, ("all_traits",), event.occurred_at)
