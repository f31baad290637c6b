"""The catalogue: shown, previewed, put in force, rolled back."""

from typing import Any

import strawberry
from strawberry import Private

from api.graphql.base.context import Info
from api.graphql.base.cursors import check_first
from api.graphql.base.scalars import JSON, DateTime, Id
from api.graphql.base.statuses import RuleSetStatus
from identity_graph.domain.profiles.file import parse_catalogue
from identity_graph.domain.profiles.read_models import StoredCatalogue
from identity_graph.service.catalogue import preview
from identity_graph.service.catalogue.changing import put_in_force, read_catalogue, roll_back


@strawberry.type(
    description="The catalogue that profiles are derived under. Version 0 is the one that ships, not stored."
)
class Catalogue:
    """A catalogue as it was applied."""

    version: int
    yaml: str
    applied_at: DateTime
    applied_by: str
    status: RuleSetStatus
    progress: float = strawberry.field(description="From 0 to 1; 1 when it is active.")
    error: str | None


@strawberry.type(description="The catalogue in force now; `status` and `progress` show how far it is applied.")
class CatalogueResult:
    """A catalogue that was put in force."""

    catalogue: Catalogue


@strawberry.type(description="What two catalogues say otherwise.")
class CatalogueChange:
    """A difference."""

    part: str = strawberry.field(description="The part of the file, such as `traits`.")
    name: str = strawberry.field(description="The entry of that part, such as the name of a trait; else empty.")
    before: JSON | None = strawberry.field(description="What it is now, with all defaults; null when it is not there.")
    after: JSON | None = strawberry.field(description="What it would be; null when it would not be there.")


@strawberry.type(description="A trait of a customer that would have another value; null stands for none.")
class TraitExample:
    """An example of what would change."""

    customer_id: Id
    name: str
    before: JSON | None
    after: JSON | None


@strawberry.type(description="What another catalogue would change in the graph.")
class CatalogueDiff:
    """Differences and examples."""

    changes: list[CatalogueChange]
    rebuilds: list[str] = strawberry.field(description="What is derived again when it is applied, such as `traits`.")
    sampled: int = strawberry.field(description="Customers that were looked at: those seen last.")
    changed: int = strawberry.field(description="How many of these would have another value of some trait.")
    found: Private[list[preview.TraitExample]]

    @strawberry.field(description="Traits of these customers that would have another value; 100 at most.")
    def examples(self, first: int | None = 10) -> list[TraitExample]:
        """Show some of what would change."""
        return [
            TraitExample(
                customer_id=Id(one.customer_id), name=one.name, before=_json(one.before), after=_json(one.after)
            )
            for one in self.found[: check_first(first)]
        ]


@strawberry.type
class CatalogueQueries:
    """The entry points for reading and trying catalogues."""

    @strawberry.field(description="The catalogue in force.")
    async def catalogue(self, info: Info) -> Catalogue:
        """Read the catalogue in force."""
        return _catalogue_of(await read_catalogue(info.context.loaders.reads))

    @strawberry.field(description="What another catalogue would change in the graph; nothing is changed.")
    async def preview_catalogue(self, info: Info, yaml: str) -> CatalogueDiff:
        """Compare a catalogue with the one in force."""
        service = info.context.service
        in_force = service.units.in_force
        new = parse_catalogue(yaml)
        found = await preview.preview_catalogue(service.graph, in_force.rules, in_force.catalogue, new)
        return CatalogueDiff(
            changes=[
                CatalogueChange(part=one.part, name=one.name, before=_json(one.before), after=_json(one.after))
                for one in found.changes
            ],
            rebuilds=found.rebuilds,
            sampled=found.sampled,
            changed=found.changed,
            found=found.examples,
        )


@strawberry.type
class CatalogueMutations:
    """The entry points for changing the catalogue."""

    @strawberry.mutation(
        description="Put a catalogue in force as the next version. Profiles that are stored are derived again in the "
        "background."
    )
    async def apply_catalogue(self, info: Info, yaml: str, expected_version: int) -> CatalogueResult:
        """Put a catalogue in force."""
        row = await put_in_force(info.context.service.units, yaml, expected_version, info.context.actor)
        return _begun(info, row)

    @strawberry.mutation(description="Put the catalogue of an earlier version in force again, as a new version.")
    async def rollback_catalogue(self, info: Info, to_version: int) -> CatalogueResult:
        """Put an earlier catalogue in force again."""
        return _begun(info, await roll_back(info.context.service.units, to_version, info.context.actor))


def _begun(info: Info, row: StoredCatalogue) -> CatalogueResult:
    info.context.service.applier.wake()
    info.context.forget()
    return CatalogueResult(catalogue=_catalogue_of(row))


def _catalogue_of(row: StoredCatalogue) -> Catalogue:
    return Catalogue(
        version=row.version,
        yaml=row.yaml,
        applied_at=DateTime(row.applied_at),
        applied_by=row.applied_by,
        status=RuleSetStatus(row.status),
        progress=row.progress,
        error=row.error,
    )


def _json(value: Any) -> JSON | None:
    return None if value is None else JSON(value)
