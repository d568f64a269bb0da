"""What holds in every environment that somebody may configure.

An invariant is a function from a stack to what breaks it: a line each, with the resource and what is
wrong with it. They are held against the three stacks, against random settings, and against stacks that
were broken on purpose.
"""

from collections.abc import Callable, Iterator
from typing import Final

from tests.program.invariants import alerts, data, exposure, form, functions, naming, references
from tests.program.stacks import Built

Invariant = Callable[[Built], Iterator[str]]

INVARIANTS: Final[tuple[Invariant, ...]] = (
    form.it_is_declared_as_the_providers_want,
    form.it_is_the_same_whatever_the_cloud_answers,
    form.the_sdk_warns_of_nothing,
    form.nothing_is_managed_that_is_somebody_elses,
    form.everything_says_whose_it_is,
    form.nothing_follows_the_latest,
    form.the_command_finds_every_output,
    data.data_is_encrypted_with_a_key_of_ours,
    data.what_passes_through_is_encrypted_too,
    data.data_is_protected_as_the_stack_says,
    data.what_is_deleted_can_be_brought_back,
    data.data_is_backed_up,
    alerts.every_alert_rings_and_has_its_page,
    alerts.every_alarm_is_routed_and_has_its_page,
    alerts.whatever_pages_reaches_the_pager_once,
    alerts.the_pager_calls_the_escalation,
    references.what_is_named_is_declared,
    references.every_policy_is_known_before_anything_exists,
    references.what_a_policy_names_is_declared,
    naming.names_fit_and_are_unique,
    naming.names_that_pulumi_makes_fit,
    functions.every_function_is_deployed_by_its_present_archive,
    functions.every_function_stands_alone,
    functions.every_function_is_watched,
    functions.every_job_is_bounded,
    exposure.every_bucket_is_private,
    exposure.what_belongs_to_a_bucket_is_in_its_region,
    exposure.nobody_comes_in_from_anywhere,
    exposure.no_policy_allows_everything,
    exposure.no_service_is_talked_into_a_role,
    exposure.what_is_allowed_on_everything_only_looks,
    exposure.no_secret_is_in_the_open,
    exposure.every_log_is_kept_for_a_stated_time,
)
