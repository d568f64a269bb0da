"""The program: settings, layers, outputs. It reads from top to bottom as the environment is built."""

from infra.archives import build_missing
from infra.environment import load
from infra.layers.access import access
from infra.layers.application import application
from infra.layers.audit import audit
from infra.layers.backups import backups
from infra.layers.cache import cache
from infra.layers.cdn import cdn
from infra.layers.database import database
from infra.layers.firewall import firewall
from infra.layers.foundations import foundations
from infra.layers.logs import logs
from infra.layers.maintenance import maintenance, maintenance_tasks
from infra.layers.monitoring import monitoring
from infra.layers.network import endpoints, network
from infra.layers.on_call import chat, on_call, records
from infra.layers.outputs import outputs
from infra.layers.rotation import rotation
from infra.layers.secrets import secrets
from infra.layers.status_page import status_page


def main() -> None:
    """Declares one environment: that of the selected stack."""
    here = load()
    build_missing()
    context, settings, guide = here.context, here.settings, here.guide

    base = foundations(context, settings)
    net = network(context, settings, foundations=base)
    wall = firewall(context, net)
    endpoints(context, network=net, firewall=wall)
    way_in = access(context, settings, foundations=base, network=net, firewall=wall)

    safe = secrets(context, guide, foundations=base)
    data = database(context, settings, guide, foundations=base, network=net, firewall=wall, secrets=safe)
    fast = cache(context, settings, guide, foundations=base, network=net, firewall=wall)
    renewed = rotation(
        context, guide, foundations=base, network=net, firewall=wall, secrets=safe, database=data, cache=fast
    )
    kept = backups(context, settings, guide, foundations=base, network=net, firewall=wall, database=data)

    app = application(
        context, settings, guide, foundations=base, network=net, firewall=wall, secrets=safe, cache=fast
    )
    edge = cdn(context, settings, foundations=base, application=app)
    found = logs(
        context,
        settings,
        guide,
        foundations=base,
        network=net,
        firewall=wall,
        application=app,
        database=data,
    )

    called = on_call(context, settings, guide, foundations=base)
    chat(context, settings, foundations=base)
    watched = monitoring(
        context, settings, guide, foundations=base, application=app, database=data, on_call=called
    )
    maintenance(
        context,
        guide,
        foundations=base,
        patch_tags=way_in.bastion.purpose,
        muted_alarms=[*data.window_muted_alarms, *watched.alarms.alarm_names],
    )
    noted = records(context, foundations=base)
    maintenance_tasks(
        context,
        settings,
        guide,
        foundations=base,
        network=net,
        firewall=wall,
        database=data,
        cache=fast,
        records=noted,
    )
    status_page(context, settings, guide, foundations=base, monitoring=watched)
    audit(context, settings, foundations=base)
    outputs(
        context,
        settings,
        access=way_in,
        application=app,
        backups=kept,
        cache=fast,
        cdn=edge,
        database=data,
        logs=found,
        records=noted,
        rotation=renewed.rotation,
    )
