"""Experiments, as the API gives them."""

from functools import partial

import strawberry
from strawberry import UNSET
from strawberry.dataloader import DataLoader

from api.graphql.analysis.inputs import ExperimentInput
from api.graphql.base.connections import After, Connection, First, edges_of
from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first, decode_moment, encode_moment, given
from api.graphql.base.identifiers import IdentifierInput
from api.graphql.base.nodes import Node
from api.graphql.base.scalars import JSON, DateTime, Id
from api.graphql.segments.written import write_input
from identity_graph.domain.analysis import assessment, statistics
from identity_graph.domain.analysis.writing import write_conversion
from identity_graph.domain.values.identifiers import RawIdentifier
from identity_graph.service.analysis import experiments as service
from identity_graph.service.analysis.asking import terms_in_force
from identity_graph.service.analysis.results import read_results


@strawberry.type(description="A variant of an experiment.")
class ExperimentVariant:
    """A variant."""

    name: str
    weight: int


@strawberry.type(description="From where to where something lies with a confidence of 95 percent.")
class Interval:
    """An interval."""

    low: float
    high: float


@strawberry.type(description="Who saw a variant, and how that compares with the first one.")
class VariantResult:
    """A variant's result."""

    name: str
    customers: int = strawberry.field(description="Who saw it first, and no other.")
    conversions: int = strawberry.field(description="Who of them converted, once or more, within the window.")
    open: int = strawberry.field(description="Who of them still has time to convert.")
    rate: float = strawberry.field(description="The share of those who converted.")
    interval: Interval | None = strawberry.field(description="Of the rate, by Wilson's method.")
    difference: float | None = strawberry.field(description="Its rate without that of the first variant.")
    difference_interval: Interval | None = strawberry.field(description="Of the difference, by Newcombe's method.")
    p_value: float | None = strawberry.field(
        description="How likely so great a difference, or a greater one, is by chance; adjusted for the number of variants."
    )


@strawberry.type(description="Whether customers were split as the weights say.")
class SampleRatio:
    """The sample ratio check."""

    p_value: float | None
    is_mismatch: bool = strawberry.field(description="Below 0.001: do not trust the result before you know the cause.")
    causes: list[str] = strawberry.field(description="Where it is one: likely causes, the likeliest first.")


@strawberry.type(description="What an experiment comes to.")
class ExperimentResults:
    """The results."""

    as_of: DateTime
    decided_at: DateTime = strawberry.field(description="When the last exposure has had its time to convert.")
    is_final: bool = strawberry.field(description="That time has come. Before it, p-values and intervals mislead.")
    warnings: list[str] = strawberry.field(description="What to know before you read the numbers.")
    variants: list[VariantResult]
    held_out: VariantResult | None = strawberry.field(
        description="Who was given no variant, as far as that was logged; it has no p-value."
    )
    in_two: int = strawberry.field(description="Customers who saw two variants, as after a merge: they are left out.")
    repeated: int = strawberry.field(description="Exposures after a customer's first one.")
    early: int = strawberry.field(description="Exposures before the experiment began; they do not count.")
    late: int = strawberry.field(description="Exposures after it ended; they do not count.")
    unknown: int = strawberry.field(description="Exposures to a variant that it does not have; they do not count.")
    nobody: int = strawberry.field(description="Exposures without a usable identifier; they do not count.")
    sample_ratio: SampleRatio


@strawberry.type(description="An experiment: customers are given variants by a hash of their oldest identifier.")
class Experiment(Node):
    """An experiment."""

    name: str
    description: str | None
    salt: str
    variants: list[ExperimentVariant]
    hold_out: float
    starts_at: DateTime
    ends_at: DateTime
    window: str
    conversion: JSON = strawberry.field(description="What counts, as it is written in a file.")
    version: int = strawberry.field(description="How often it was saved.")
    created_at: DateTime
    updated_at: DateTime
    stored: strawberry.Private[service.Experiment]

    @strawberry.field(description="What it comes to by now. It reads all exposures.")
    async def results(self, info: Info) -> ExperimentResults:
        """Assess the experiment."""
        context = info.context
        in_force = context.service.units.in_force
        return _results_of(await read_results(context.service.graph, self.stored, in_force, context.received_at))


ExperimentConnection = Connection[Experiment]


@strawberry.type(description="The experiment as it was saved.")
class ExperimentResult:
    """The outcome of saving."""

    experiment: Experiment


@strawberry.type(description="Which variant a customer is given.")
class VariantAssignment:
    """An assignment."""

    experiment: Experiment
    variant: str | None = strawberry.field(description="Null of who is held out.")
    was_exposed: bool = strawberry.field(description="The customer had seen it before, and stays with it.")
    logged: bool = strawberry.field(description="The exposure was logged now.")


@strawberry.type
class ExperimentQueries:
    """The entry point for reading experiments."""

    @strawberry.field(description="All experiments, those made last first.")
    async def experiments(self, info: Info, first: First = 20, after: After = UNSET) -> ExperimentConnection:
        """Read a page of the experiments."""
        reads = info.context.loaders.reads
        terms = terms_in_force(info.context.service.units.in_force)
        page = await service.page_experiments(
            reads, terms, first=check_first(first), after=decode_moment("experiments", after)
        )
        edges, page_info = edges_of(
            page, experiment_of, lambda row: encode_moment("experiments", row.created_at, row.id)
        )
        return ExperimentConnection(edges=edges, page_info=page_info, count=lambda: service.count_experiments(reads))


@strawberry.type
class ExperimentMutations:
    """The entry points for saving experiments and giving variants."""

    @strawberry.mutation(
        description="Save an experiment. Once it has begun, its salt, variants, hold-out and beginning stay as they are."
    )
    async def save_experiment(self, info: Info, input: ExperimentInput) -> ExperimentResult:
        """Save an experiment."""
        id = given(input.id)
        units = info.context.service.units
        saved = await service.save_experiment(
            units, None if id is None else str(id), write_input(input), info.context.actor
        )
        info.context.forget()
        return ExperimentResult(experiment=experiment_of(saved))

    @strawberry.mutation(
        description="Tell which variant a customer is given, and log that the customer sees it now. Answers after the commit."
    )
    async def assign_variant(
        self, info: Info, experiment: Id, by: IdentifierInput, log: bool | None = True
    ) -> VariantAssignment:
        """Give a variant."""
        found, one = await service.assign_variant(
            info.context.service,
            str(experiment),
            RawIdentifier(by.namespace, by.value),
            info.context.received_at,
            log=log is not False,
        )
        info.context.forget()
        return VariantAssignment(
            experiment=experiment_of(found), variant=one.variant, was_exposed=one.was_exposed, logged=one.logged
        )


async def find_experiment(info: Info, id: str) -> Experiment | None:
    """Read an experiment by its id; None when there is none."""
    loaders = info.context.loaders
    terms = terms_in_force(info.context.service.units.in_force)
    loader: DataLoader[str, service.Experiment | None] = loaders.kept(
        "experiments", lambda: DataLoader(partial(service.read_experiments, loaders.reads, terms=terms))
    )
    found = await loader.load(id)
    return None if found is None else experiment_of(found)


def experiment_of(stored: service.Experiment) -> Experiment:
    """Make an experiment of a stored one."""
    draft = stored.draft
    return Experiment(
        id=Id(stored.id),
        name=draft.name,
        description=draft.description,
        salt=draft.salt,
        variants=[ExperimentVariant(name=one.name, weight=one.weight) for one in draft.variants],
        hold_out=float(draft.hold_out),
        starts_at=DateTime(draft.start.at),
        ends_at=DateTime(draft.end.at),
        window=draft.window.text,
        conversion=JSON(write_conversion(draft.conversion)),
        version=stored.version,
        created_at=DateTime(stored.created_at),
        updated_at=DateTime(stored.updated_at),
        stored=stored,
    )


def _results_of(found: assessment.Results) -> ExperimentResults:
    ratio = found.sample_ratio
    return ExperimentResults(
        as_of=DateTime(found.as_of),
        decided_at=DateTime(found.decided_at),
        is_final=found.is_final,
        warnings=list(found.warnings),
        variants=[_variant_of(one) for one in found.variants],
        held_out=None if found.held_out is None else _variant_of(found.held_out),
        in_two=found.in_two,
        repeated=found.repeated,
        early=found.early,
        late=found.late,
        unknown=found.unknown,
        nobody=found.nobody,
        sample_ratio=SampleRatio(p_value=ratio.p_value, is_mismatch=ratio.is_mismatch, causes=list(ratio.causes)),
    )


def _variant_of(found: assessment.VariantResult) -> VariantResult:
    return VariantResult(
        name=found.name,
        customers=found.customers,
        conversions=found.conversions,
        open=found.open,
        rate=found.rate,
        interval=_interval_of(found.interval),
        difference=found.difference,
        difference_interval=_interval_of(found.difference_interval),
        p_value=found.p_value,
    )


def _interval_of(found: statistics.Interval | None) -> Interval | None:
    return None if found is None else Interval(low=found.low, high=found.high)
