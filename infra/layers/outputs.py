"""The outputs layer: what the `syncup` command has to know, and what a person wants to see."""

import pulumi

from components.access import Access
from components.application import Application
from components.cache import Cache
from components.cdn import Cdn
from components.context import Context
from components.database import Database
from components.outputs import Outputs
from components.records import Records
from components.rotation import Rotation
from infra.layers.backups import BackupLayer
from infra.layers.logs import LogLayer
from infra.layers.monitoring import status_page
from infra.settings import Settings


def outputs(
    context: Context,
    settings: Settings,
    *,
    access: Access,
    application: Application,
    backups: BackupLayer,
    cache: Cache,
    cdn: Cdn,
    database: Database,
    logs: LogLayer,
    records: Records,
    rotation: Rotation,
) -> None:
    """The same values as stack outputs and as parameters: one list, so that neither is forgotten."""
    values: dict[str, pulumi.Input[str]] = {
        "account-id": context.account_id,
        "region": context.region,
        "recovery-region": context.recovery_region,
        "global-region": context.global_region,
        "url": f"https://{settings.edge.domain}",
        "distribution-id": cdn.distribution_id,
        "static-bucket": cdn.static_bucket,
        "firewall-log-group": cdn.firewall_log_group_name,
        "load-balancer": application.load_balancer_suffix,
        "application-group": application.group_name,
        "application-log-group": application.log_group_name,
        "launch-template-id": application.launch_template_id,
        # What `syncup deploy` updates, alone. Nothing here changes with it.
        "launch-template-urn": application.launch_template_urn,
        "refresh-alarms": ",".join(application.refresh_alarm_names),
        "release-bucket": application.release_bucket,
        "database-identifier": database.active_identifier,
        "database-name": database.database_name,
        "database-proxy": database.proxy_name,
        "database-proxy-endpoint": database.proxy_endpoint,
        "database-address": database.address,
        "cache-endpoint": cache.primary_endpoint,
        "cache-group": cache.replication_group_id,
        "backup-vault": backups.backups.vault_name,
        "dump-bucket": backups.dump_store.bucket_name,
        "dump-project": backups.dump_job.project_name,
        "restore-project": backups.restore_job.project_name,
        "recovery-test-plan": backups.restore_testing.plan_name,
        "database-setup": rotation.setup.function_name,
        "bastion-instance": access.bastion.instance_id,
        "vpn-endpoint": access.vpn.endpoint_id,
        "search-endpoint": logs.search.endpoint,
        "records-bucket": records.bucket_name,
        "slack-channel": settings.monitoring.slack.channel_id,
        **status_page(settings),
    }
    if database.replica_identifier is not None:
        values["replica-identifier"] = database.replica_identifier
    Outputs("outputs", context, values)
    for name, value in values.items():
        pulumi.export(name, value)
