"""Random valid stacks, for what has to hold in every environment that somebody may configure.

Each starts from a stack that there is, so that it has every key, and changes whatever may differ.
"""

import json
from functools import cache
from typing import Any

from hypothesis import strategies as st

from facts.regions import REGIONS
from infra.reading import Project, read_project, stack_configuration

STACK = "longestnames"
"""The name of every random stack: as long as one may be, so that every name in AWS is at its longest."""

Sections = dict[str, Any]

_ARM = ("m7g.large", "m6g.large", "c7g.xlarge", "t4g.medium", "r8g.large")
_X86 = ("m7i.large", "m6i.large", "c7a.xlarge", "t3.medium", "r7iz.large")
_CACHES = (("valkey", "8.1"), ("valkey", "7.2"), ("redis", "7.1"))
_LOG_RETENTIONS = (1, 30, 365, 400, 3653)
_TIME_ZONES = ("Etc/UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe")
_FREE_HOURS = (0, 1, *range(4, 24))
"""Hours that are outside the guide's maintenance window, Sundays 02:00 to 04:00 UTC."""


@cache
def _stack(name: str) -> str:
    return json.dumps({key: _value(text) for key, text in stack_configuration(name).items()})


def _value(text: str) -> Any:
    return json.loads(text) if text.startswith(("{", "[")) else text


@st.composite
def configurations(draw: st.DrawFn) -> dict[str, str]:
    """What the engine would say of a random stack: text by key, as `evaluate(config=…)` takes it."""
    base = draw(st.sampled_from(("production", "staging", "recovery")))
    sections: Sections = json.loads(_stack(base))
    for change in (_place, _network, _application, _database, _cache, _edge, _operations):
        change(draw, sections)
    return {key: value if isinstance(value, str) else json.dumps(value) for key, value in sections.items()}


def projects() -> st.SearchStrategy[Project]:
    """Random settings with the guide, read and checked as the program does."""
    return configurations().map(lambda configuration: read_project(STACK, configuration.get))


def _place(draw: st.DrawFn, sections: Sections) -> None:
    region, recovery = draw(st.lists(_regions(), min_size=2, max_size=2, unique=True))
    sections["aws:region"] = region
    sections["aws:allowedAccountIds"] = [draw(st.from_regex(r"[0-9]{12}", fullmatch=True))]
    sections["syncup:environment"] |= {"recovery_region": recovery, "protect": draw(st.booleans())}
    letters = draw(st.lists(st.sampled_from("abcdef"), min_size=2, max_size=4, unique=True))
    sections["syncup:network"]["zones"] = [f"{region}{letter}" for letter in letters]


def _regions() -> st.SearchStrategy[str]:
    """Often the one where the edge lives: what is there once a region must not be there twice."""
    return st.just("us-east-1") | st.sampled_from(REGIONS)


def _network(draw: st.DrawFn, sections: Sections) -> None:
    prefix = draw(st.integers(16, 22))
    third = draw(st.integers(0, 255)) & (0xFF << (24 - prefix)) & 0xFF
    sections["syncup:network"] |= {
        "cidr": f"10.{draw(st.integers(0, 255))}.{third}.0/{prefix}",
        "nat": draw(st.sampled_from(("per_zone", "single"))),
    }
    sections["syncup:access"] |= {
        "client_cidr": f"192.168.{4 * draw(st.integers(0, 63))}.0/22",
        "session_hours": draw(st.sampled_from((8, 10, 12, 24))),
    }


def _application(draw: st.DrawFn, sections: Sections) -> None:
    sizes = sorted((draw(st.integers(1, 20)), draw(st.integers(1, 20))))
    family = draw(st.sampled_from((_ARM, _X86)))
    sections["syncup:application"] |= {
        "instance_types": draw(st.lists(st.sampled_from(family), min_size=2, max_size=4, unique=True)),
        "min_size": sizes[0],
        "max_size": sizes[1],
        "root_volume_gib": draw(st.integers(8, 500)),
    }


def _database(draw: st.DrawFn, sections: Sections) -> None:
    storage = draw(st.integers(20, 5000))
    generations = _generations(draw)
    sections["syncup:database"] |= {
        "instance_class": f"db.{draw(st.sampled_from(_ARM))}",
        "storage_gib": storage,
        "max_storage_gib": storage * 2,
        "multi_az": draw(st.booleans()),
        "replica": draw(st.booleans()),
        "backup_window": draw(_hours()),
        "generations": generations,
        "active": draw(st.sampled_from(sorted(generations))),
    }
    sections["syncup:backups"] |= {
        "vault_lock": {"min_days": draw(st.integers(1, 30)), "max_days": draw(st.integers(30, 400))},
        "lock_mode": draw(st.sampled_from(("governance", "compliance"))),
    }


def _generations(draw: st.DrawFn) -> Sections:
    """One to three generations, each from something that was there before it."""
    first = draw(
        st.sampled_from(
            (
                {"from": "nothing"},
                {"from": "snapshot", "source": "before-the-upgrade"},
                {"from": "replicated_backup", "source": "ab-abcdefghijklmnopqrstuvwxyz"},
            )
        )
    )
    generations: Sections = {"g1": first}
    for number in range(2, draw(st.integers(1, 3)) + 1):
        source = draw(st.sampled_from(sorted(generations)))
        moment = draw(st.sampled_from(({}, {"at": "2024-01-15 14:30:00"})))
        generations[f"g{number}"] = {"from": "point_in_time", "source": source, **moment}
    return generations


def _cache(draw: st.DrawFn, sections: Sections) -> None:
    engine, version = draw(st.sampled_from(_CACHES))
    sections["syncup:cache"] |= {
        "engine": engine,
        "engine_version": version,
        "node_type": f"cache.{draw(st.sampled_from(_ARM))}",
        "replicas": draw(st.integers(1, 5)),
        "snapshot_retention_days": draw(st.integers(30, 35)),
        "snapshot_window": draw(_hours()),
    }


def _edge(draw: st.DrawFn, sections: Sections) -> None:
    edge = sections["syncup:edge"]
    edge.pop("vercel_domain", None)
    edge |= draw(
        st.sampled_from(
            (
                {"front_end": "application"},
                {"front_end": "vercel", "vercel_domain": "syncup.vercel.app"},
            )
        )
    )
    edge["requests_per_5_minutes"] = draw(st.integers(10, 100_000))


def _operations(draw: st.DrawFn, sections: Sections) -> None:
    zones = len(sections["syncup:network"]["zones"])
    sections["syncup:logs"]["retention_days"] = draw(st.sampled_from(_LOG_RETENTIONS))
    sections["syncup:logs"]["search"]["data_nodes"] = zones * draw(st.integers(1, 3))
    sections["syncup:monitoring"]["dashboards"] = draw(st.booleans())
    sections["syncup:monitoring"]["datadog"]["integration"] = draw(st.booleans())
    sections["syncup:on_call"] |= {
        "time_zone": draw(st.sampled_from(_TIME_ZONES)),
        "rotation_days": draw(st.integers(1, 28)),
        "people": {level: draw(_people()) for level in sections["syncup:on_call"]["people"]},
    }
    owners = st.sampled_from(("here", "organisation"))
    sections["syncup:audit"] = {control: draw(owners) for control in sections["syncup:audit"]}


def _people() -> st.SearchStrategy[list[str]]:
    return st.lists(st.integers(0, 99).map("PUSER{:02}".format), min_size=1, max_size=4, unique=True)


@st.composite
def _hours(draw: st.DrawFn) -> str:
    """An hour of the day at which nothing else is."""
    hour = draw(st.sampled_from(_FREE_HOURS))
    return f"{hour:02}:00-{(hour + 1) % 24:02}:00"
