"""The entry points for following: what happens is sent to a client as it happens."""

import strawberry

from api.graphql.activation.alerts import AlertSubscription
from api.graphql.changes.subscriptions import ChangeSubscription
from api.graphql.journeys.subscriptions import JourneySubscription
from api.graphql.segments.subscriptions import SegmentSubscription


@strawberry.type
class Subscription(ChangeSubscription, JourneySubscription, SegmentSubscription, AlertSubscription):
    """The entry points for following."""
