"""What has to fit together in a stack's settings, and between them and the guide.

Each rule is one function, and every sentence says which value to change and to what.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import timedelta
from ipaddress import IPv4Network

from components.backup_schedule import BackupCalendar
from components.database_sources import is_generation
from components.instance_types import architecture
from components.search_nodes import spreads
from components.subnets import ZONE_LETTERS, layout
from infra.durations import spelled
from infra.findings import Finding, refusals, repeated
from infra.guide import Guide
from infra.settings import DatabaseSettings, GenerationSettings, GenerationSource, Settings
from infra.validation import one_of
from infra.yaml_file import KeyPath

_CLIENT_PREFIXES = range(12, 23)
"""https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/what-is-best-practices.html"""
_DOCKER = IPv4Network("172.17.0.0/16")
"""CodeBuild's containers use it: what lies there is out of their reach.
https://docs.aws.amazon.com/vpc/latest/userguide/vpc-cidr-blocks.html"""
_LAST_REDIS, _FIRST_VALKEY = "7.1", "7.2"
"""https://docs.aws.amazon.com/AmazonElastiCache/latest/dg/supported-engine-versions.html"""
STATUS_COMPONENTS: Mapping[str, str] = {
    "application": "application_health",
    "database": "database_health",
    "api": "api_performance",
}
"""What the status page shows, by the guide's groups of key metrics."""


def check(settings: Settings, guide: Guide) -> Iterator[Finding]:
    """Everything that fits by itself, but not with the rest."""
    for rule in _RULES:
        yield from rule(settings, guide)


def _at(section: str, *keys: str | int) -> KeyPath:
    return ("config", f"syncup:{section}", *keys)


def _regions(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    if settings.environment.recovery_region == settings.region:
        path = _at("environment", "recovery_region")
        yield Finding(path, "it is the region itself (aws:region), write another one")


def _zones(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    zones = settings.network.zones
    yield from repeated(zones, lambda index: _at("network", "zones", index))
    for index, zone in enumerate(zones):
        if zone[:-1] != settings.region or zone[-1:] not in ZONE_LETTERS:
            example = f"{settings.region}{ZONE_LETTERS[index % len(ZONE_LETTERS)]}"
            yield Finding(
                _at("network", "zones", index),
                f"it is no zone of {settings.region}, write one such as {example}",
            )


def _networks(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    vpc, clients = IPv4Network(settings.network.cidr), IPv4Network(settings.access.client_cidr)
    cidr, client_cidr = _at("network", "cidr"), _at("access", "client_cidr")
    zone = f"{settings.region}a"
    yield from refusals(cidr, lambda: layout(settings.network.cidr, [zone]))
    if clients.prefixlen not in _CLIENT_PREFIXES:
        yield Finding(client_cidr, "a Client VPN takes a range of /12 to /22")
    if vpc.overlaps(clients):
        yield Finding(client_cidr, f"it overlaps syncup:network.cidr ({vpc}), write a range apart from it")
    for path, network in ((cidr, vpc), (client_cidr, clients)):
        if network.overlaps(_DOCKER):
            yield Finding(
                path, f"it overlaps {_DOCKER}, which AWS' build containers use: write another range"
            )


def _instances(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    application = settings.application
    types = application.instance_types
    yield from repeated(types, lambda index: _at("application", "instance_types", index))
    wanted = architecture(types[0])
    for index, instance_type in enumerate(types):
        if architecture(instance_type) != wanted:
            yield Finding(
                _at("application", "instance_types", index),
                f"its processor is {architecture(instance_type)} and that of {types[0]} is {wanted}, "
                "but all start from one image: write types of one kind",
            )
    if application.min_size > application.max_size:
        path = _at("application", "max_size")
        yield Finding(path, f"it is below min_size, write {application.min_size} or more")


def _storage(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    database = settings.database
    # https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_PIOPS.Autoscaling.html
    least = -(-database.storage_gib * 11 // 10)
    if database.max_storage_gib < least:
        yield Finding(
            _at("database", "max_storage_gib"),
            f"RDS wants a tenth more than storage_gib at least, write {least} or more",
        )


def _generations(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    database = settings.database
    if database.active not in database.generations:
        names = one_of(database.generations, database.active)
        yield Finding(_at("database", "active"), f"there is no such generation, {names}")
    for name, generation in database.generations.items():
        path = _at("database", "generations", name)
        for key, problem in _origin(generation):
            yield Finding((*path, key), problem)
        if generation.from_ is GenerationSource.POINT_IN_TIME and generation.source:
            for problem in _ancestry(name, generation.source, database):
                yield Finding((*path, "source"), problem)


_SOURCES: Mapping[GenerationSource, str] = {
    GenerationSource.SNAPSHOT: "the snapshot's identifier",
    GenerationSource.POINT_IN_TIME: "the generation that it continues, such as g1",
    GenerationSource.REPLICATED_BACKUP: "the replicated backup's identifier, which begins with ab-",
}


def _origin(generation: GenerationSettings) -> Iterator[tuple[str, str]]:
    """What is wrong with where a generation comes from: the key it is about, and the problem."""
    origin, source = generation.from_, generation.source
    if origin is GenerationSource.NOTHING and source is not None:
        yield "source", "a generation from nothing has no source, leave it out or change from"
    if origin is not GenerationSource.NOTHING and source is None:
        yield "source", f"add {_SOURCES[origin]}"
    if origin is GenerationSource.REPLICATED_BACKUP and source and not source.startswith("ab-"):
        yield "source", f"write {_SOURCES[origin]}"
    if generation.at is not None and origin not in (
        GenerationSource.POINT_IN_TIME,
        GenerationSource.REPLICATED_BACKUP,
    ):
        yield "at", f"a generation from: {origin} has no point in time, leave it out or change from"


def _ancestry(name: str, source: str, database: DatabaseSettings) -> Iterator[str]:
    """What is wrong with the generation that another one continues."""
    generations = database.generations
    if source not in generations:
        # An earlier one has been removed since; any other identifier is an instance that this stack does
        # not manage.
        if is_generation(source) and int(source[1:]) >= int(name[1:]):
            yield f"there is no such generation, {one_of(other for other in generations if other != name)}"
        return
    line = [name]
    while source in generations and source not in line:
        line.append(source)
        source = generations[source].source or ""
    if source == name:
        yield "a generation cannot come from itself, write an earlier one"


def _windows(settings: Settings, guide: Guide) -> Iterator[Finding]:
    window = guide.maintenance.weekly
    daily = {
        _at("database", "backup_window"): settings.database.backup_window,
        _at("cache", "snapshot_window"): settings.cache.snapshot_window,
    }
    for path, hours in daily.items():
        if window.overlaps(hours):
            yield Finding(path, f"it falls into the maintenance window ({window}), write other hours")
    if not window.overlaps(settings.database.backup_window):
        yield from refusals(
            _at("database", "backup_window"),
            lambda: BackupCalendar(
                maintenance_window=window.rds(), backup_window=settings.database.backup_window
            ),
        )


def _retention(settings: Settings, guide: Guide) -> Iterator[Finding]:
    kept, lock = guide.backup.retention, settings.backups.vault_lock
    if timedelta(days=settings.cache.snapshot_retention_days) < kept:
        path = _at("cache", "snapshot_retention_days")
        yield Finding(path, f"the guide keeps backups for {spelled(kept)}, write {kept.days} or more")
    if lock.min_days > kept.days:
        yield Finding(
            _at("backups", "vault_lock", "min_days"),
            f"the vault would refuse copies that are kept for {spelled(kept)}, write {kept.days} or less",
        )
    if lock.max_days < kept.days:
        yield Finding(
            _at("backups", "vault_lock", "max_days"),
            f"the vault would refuse copies that are kept for {spelled(kept)}, write {kept.days} or more",
        )
    if lock.min_days > lock.max_days:
        path = _at("backups", "vault_lock", "max_days")
        yield Finding(path, f"it is below min_days, write {lock.min_days} or more")


def _cache(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    cache, path = settings.cache, _at("cache", "engine_version")
    if cache.engine == "redis" and cache.engine_version > _LAST_REDIS:
        yield Finding(
            path, f'Redis ends at {_LAST_REDIS} in ElastiCache, write "{_LAST_REDIS}" or take valkey'
        )
    if cache.engine == "valkey" and cache.engine_version < _FIRST_VALKEY:
        yield Finding(path, f'Valkey begins at {_FIRST_VALKEY}, write "{_FIRST_VALKEY}" or later')


def _search(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    zones, nodes = len(settings.network.zones), settings.logs.search.data_nodes
    if not spreads(nodes, zones):
        yield Finding(
            _at("logs", "search", "data_nodes"),
            f"they cannot be spread over {zones} zones, write {zones * (nodes // zones + 1)}",
        )


def _edge(settings: Settings, _guide: Guide) -> Iterator[Finding]:
    edge, path = settings.edge, _at("edge", "vercel_domain")
    if edge.front_end == "vercel" and edge.vercel_domain is None:
        yield Finding(path, "the front end is on Vercel, add its domain there")
    if edge.front_end != "vercel" and edge.vercel_domain is not None:
        yield Finding(path, "the front end is not on Vercel, leave it out or write front_end: vercel")
    if edge.vercel_domain == edge.domain:
        yield Finding(path, "that is syncup:edge.domain, write the domain that Vercel gave: the edge asks it")


def _status_page(settings: Settings, guide: Guide) -> Iterator[Finding]:
    groups = guide.metrics.groups()
    known = [name for name, group in STATUS_COMPONENTS.items() if group in groups]
    components = settings.monitoring.status_page.components
    for name in components:
        if name not in known:
            path = _at("monitoring", "status_page", "components", name)
            yield Finding(path, f"the guide knows no {name}, {one_of(known, name)}")


def _on_call(settings: Settings, guide: Guide) -> Iterator[Finding]:
    levels = {level.level: level.role for level in guide.escalation}
    people = settings.on_call.people
    for level, users in people.items():
        path = _at("on_call", "people", level)
        if level not in levels:
            yield Finding(path, f"the guide's escalation has no level {level}, {one_of(levels)}")
        elif not users:
            yield Finding(path, f"nobody is {levels[level]}, add a person")
        yield from repeated(users, lambda index, path=path: (*path, index))
    for level in levels.keys() - people.keys():
        yield Finding(_at("on_call", "people", level), f"nobody is {levels[level]}, add a person")


_RULES: tuple[Callable[[Settings, Guide], Iterator[Finding]], ...] = (
    _regions,
    _zones,
    _networks,
    _instances,
    _storage,
    _generations,
    _windows,
    _retention,
    _cache,
    _search,
    _edge,
    _status_page,
    _on_call,
)
