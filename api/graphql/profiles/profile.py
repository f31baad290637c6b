"""The profile of a customer: all that follows from what is known of them. Each part is a class of its own module."""

import strawberry

from api.graphql.profiles.bought import BoughtFields
from api.graphql.profiles.classes import ClassFields
from api.graphql.profiles.computed import ComputedFields
from api.graphql.profiles.lifecycle import LifecycleFields
from api.graphql.profiles.preference import PreferenceFields
from api.graphql.profiles.rated import RatedFields
from api.graphql.profiles.scores import ScoreFields


@strawberry.type(description="What follows from all that is known of a customer.")
class Profile(ClassFields, BoughtFields, ScoreFields, LifecycleFields, PreferenceFields, ComputedFields, RatedFields):
    """The profile of a customer; each field is read when it is asked for."""
