"""Which operation records what. Every root field is in here; a test walks the schema.

Whatever leads to a customer is recorded as a read of that customer: the table says what is recorded besides.
"""

from typing import NamedTuple

from identity_graph.domain.audit.entries import Action

_IDENTIFIERS = frozenset({"Identifier"})
_OBJECTS = frozenset({"Identifier", "Order", "Session", "Touchpoint"})


class Recorded(NamedTuple):
    """What a root field records: an action, if any, even when nothing is found, and the types of objects that it names one by one.

    Customers are always named; others are only counted, since they are shown with their customers.
    """

    action: Action | None = None
    names: frozenset[str] = frozenset()


PUBLIC = Recorded()
"""Nothing about a person, unless it leads to one."""

READ = Recorded(Action.READ_PERSON)

QUERIES: dict[str, Recorded] = {
    "accessKeys": PUBLIC,
    "alertRules": PUBLIC,
    "alerts": Recorded(Action.READ_PERSON, _OBJECTS),
    "attribution": PUBLIC,
    "auditLog": Recorded(Action.READ_AUDIT),
    "catalogue": PUBLIC,
    "changes": Recorded(Action.READ_PERSON, _IDENTIFIERS),
    "customer": READ,
    "customers": READ,
    "dataQuality": PUBLIC,
    "deadLetters": Recorded(Action.READ_MESSAGES),
    "destinations": PUBLIC,
    "experiments": PUBLIC,
    "explainMembership": READ,
    "funnel": PUBLIC,
    "identityHealth": Recorded(None, _IDENTIFIERS),
    "ingestStats": PUBLIC,
    "lookup": READ,
    "node": Recorded(Action.READ_PERSON, _OBJECTS),
    "order": Recorded(Action.READ_PERSON, frozenset({"Order"})),
    "paths": PUBLIC,
    "previewCatalogue": PUBLIC,
    "previewRules": Recorded(None, _IDENTIFIERS),
    "previewSegment": PUBLIC,
    "privacyRequests": Recorded(Action.READ_PERSON, frozenset({"PrivacyRequest"})),
    "rfmCut": PUBLIC,
    "rules": PUBLIC,
    "segment": PUBLIC,
    "segments": PUBLIC,
    "violations": Recorded(Action.READ_PERSON, _OBJECTS),
    "why": Recorded(Action.READ_PERSON, _IDENTIFIERS),
}

MUTATIONS: dict[str, Recorded] = {
    "advancePrivacyRequest": Recorded(Action.PRIVACY),
    "applyCatalogue": Recorded(Action.CHANGE_CATALOGUE),
    "applyRules": Recorded(Action.CHANGE_RULES),
    "assignVariant": READ,
    "createAccessKey": Recorded(Action.CHANGE_KEY),
    "declareDifferent": Recorded(Action.CORRECT),
    "declareSame": Recorded(Action.CORRECT),
    "deleteAlertRule": Recorded(Action.CHANGE_ALERT),
    "deleteDestination": Recorded(Action.CHANGE_DESTINATION),
    "deleteSegment": Recorded(Action.CHANGE_SEGMENT),
    "eraseCustomer": Recorded(Action.ERASE),
    "extendPrivacyRequest": Recorded(Action.PRIVACY),
    "observe": PUBLIC,  # an event is recorded as what it is: a fact with its source
    "openPrivacyRequest": Recorded(Action.PRIVACY),
    "overruleQuarantine": Recorded(Action.CORRECT),
    "pinMember": Recorded(Action.CHANGE_SEGMENT),
    "previewErasure": Recorded(Action.READ_PERSON),
    "recutRfm": Recorded(Action.CHANGE_CATALOGUE),
    "replayDeliveries": Recorded(Action.CHANGE_DESTINATION),
    "retractObservation": Recorded(Action.CORRECT),
    "retryDeadLetters": Recorded(Action.SEND_DATA),
    "revokeAccessKey": Recorded(Action.CHANGE_KEY),
    "rollbackCatalogue": Recorded(Action.CHANGE_CATALOGUE),
    "rollbackRules": Recorded(Action.CHANGE_RULES),
    "rotateAccessKey": Recorded(Action.CHANGE_KEY),
    "rotateSecret": Recorded(Action.CHANGE_DESTINATION),
    "saveAlertRule": Recorded(Action.CHANGE_ALERT),
    "saveDestination": Recorded(Action.CHANGE_DESTINATION),
    "saveExperiment": Recorded(Action.CHANGE_EXPERIMENT),
    "saveSegment": Recorded(Action.CHANGE_SEGMENT),
    "setConsent": Recorded(Action.CHANGE_CONSENT),
    "unlink": Recorded(Action.CORRECT),
    "unpinMember": Recorded(Action.CHANGE_SEGMENT),
    "withdrawJudgement": Recorded(Action.CORRECT),
}

SUBSCRIPTIONS: dict[str, Recorded] = {
    "alerts": Recorded(Action.READ_PERSON, _OBJECTS),
    "changes": Recorded(Action.READ_PERSON, _IDENTIFIERS),
    "journey": READ,
    "segmentMembership": READ,
}

PERSONAL = {
    "Customer": "id",
    "DeadLetter": "id",
    "Identifier": "stored_key",
    "Order": "id",
    "PrivacyRequest": "id",
    "Session": "id",
    "Touchpoint": "id",
}
"""The types of objects that say something about a person, and the attribute that names them."""


def recorded_of(field: str) -> Recorded:
    """Tell what a root field records. Names mean the same in queries and subscriptions."""
    return QUERIES.get(field) or SUBSCRIPTIONS.get(field) or MUTATIONS.get(field) or PUBLIC
