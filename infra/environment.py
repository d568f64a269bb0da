"""The environment that the program builds: what the files say, read through Pulumi's configuration."""

from dataclasses import dataclass
from pathlib import Path

import pulumi
from pulumi.runtime import get_config, is_config_secret

from components.context import Context
from infra.guide import Guide
from infra.mistakes import ConfigurationError
from infra.ownership import not_managed
from infra.reading import ROOT, read_project
from infra.settings import Settings


@dataclass(frozen=True, kw_only=True, slots=True)
class Environment:
    """Everything that the layers need to know."""

    settings: Settings
    guide: Guide
    context: Context


def load(root: Path = ROOT) -> Environment:
    """Reads the running program's configuration and the guide.

    Args:
        root: the project's folder.

    Raises:
        pulumi.RunError: the files have mistakes. The language host prints its message, one line for
            each mistake, without a traceback.
    """
    try:
        project = read_project(pulumi.get_stack(), get_config, root=root, is_secret=is_config_secret)
    except ConfigurationError as error:
        raise pulumi.RunError(str(error)) from None
    settings = project.settings
    return Environment(
        settings=settings,
        guide=project.guide,
        context=context(settings, project=pulumi.get_project()),
    )


def context(settings: Settings, *, project: str) -> Context:
    """What components are told of the environment."""
    return Context(
        project=project,
        environment=settings.stack,
        account_id=settings.account_id,
        region=settings.region,
        recovery_region=settings.environment.recovery_region,
        global_region=settings.environment.global_region,
        protect=settings.environment.protect,
        tags=_tags(settings, project),
        not_managed=not_managed(),
    )


def _tags(settings: Settings, project: str) -> dict[str, str]:
    """What every resource carries beside its name. Nothing that changes with time: a plan stays quiet."""
    return {"Project": project, "Environment": settings.stack, "ManagedBy": "pulumi"}
