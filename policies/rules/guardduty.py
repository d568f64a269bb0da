"""GuardDuty: signs of intruders, in every region and from every source that it can watch."""

from typing import Final

from policies.account import holds_everywhere, is_accounts
from policies.rule import OUT_OF_SCOPE, STACK_TYPE, Problems, Rule, Severity, rule
from policies.stack import Stack
from policies.view import Resource, any_holds

_DETECTOR: Final = "aws:guardduty/detector:Detector"
_FEATURE: Final = "aws:guardduty/detectorFeature:DetectorFeature"

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/guardduty-controls.html"


@rule(
    name="guardduty-account-enabled",
    title="GuardDuty watches the account in every region",
    severity=Severity.HIGH,
    controls=("GuardDuty.1",),
    types=(STACK_TYPE,),
    why="Intruders prefer the region that nobody watches.",
    fix="""
        aws.guardduty.Detector("threats", enable=True)
    """,
    link=f"{_FSBP}#guardduty-1",
)
def account_enabled(_stack: Resource, stack: Stack) -> Problems:
    """A detector is enabled unless it says otherwise."""
    if not is_accounts(stack):
        return OUT_OF_SCOPE
    if holds_everywhere(stack, _DETECTOR, _is_enabled):
        return None
    return "it has no Detector that is enabled in every region of the stack"


@rule(
    name="guardduty-detector-enabled",
    title="Detectors of GuardDuty are enabled",
    severity=Severity.HIGH,
    controls=("GuardDuty.1",),
    types=(_DETECTOR,),
    why="A detector that is suspended looks like one and finds nothing.",
    fix="""
        aws.guardduty.Detector("threats", enable=True)
    """,
    link=f"{_FSBP}#guardduty-1",
)
def detector_enabled(detector: Resource) -> Problems:
    """It is enabled unless it says otherwise."""
    return None if _is_enabled(detector) else "enable is off"


def _is_enabled(detector: Resource) -> bool:
    return detector.flag("enable", default=True)


def _feature(
    name: str,
    *,
    title: str,
    control: str,
    severity: Severity,
    why: str,
    feature: str,
    agent: str = "",
    source: str = "",
) -> Rule:
    """A rule that asks every detector for one feature.

    AWS enables most features with a new detector. What is not declared is not held to it: somebody may
    switch it off, and no preview would say so.

    Args:
        name: the rule's name, after `guardduty-detector-`.
        title: its title.
        control: the control that it serves.
        severity: the control's.
        why: what goes unseen without it.
        feature: the feature's name.
        agent: what the feature's additional configuration has to enable, if anything.
        source: where the older form, inside the detector, says the same.
    """
    agents = f', additional_configurations=[{{"name": "{agent}", "status": "ENABLED"}}]' if agent else ""

    def is_on(side: Resource) -> bool:
        if side.text("name") != feature or side.text("status") != "ENABLED":
            return False
        return not agent or any_holds(
            lambda also: also.text("name") == agent and also.text("status") == "ENABLED",
            side.objects("additionalConfigurations"),
        )

    @rule(
        name=f"guardduty-detector-{name}",
        title=title,
        severity=severity,
        controls=(control,),
        types=(_DETECTOR,),
        why=why,
        fix=f"""
            aws.guardduty.DetectorFeature(
                "{name}", detector_id=detector.id, name="{feature}", status="ENABLED"{agents}
            )
        """,
        link=f"{_FSBP}#{control.lower().replace('.', '-')}",
    )
    def has_feature(detector: Resource, stack: Stack) -> Problems:
        """What is not declared does not count, though AWS enables most features with a new detector."""
        if source and detector.flag(f"datasources.{source}.enable", default=False):
            return None
        if any_holds(is_on, stack.beside(detector, _FEATURE, by="detectorId")):
            return None
        return f"it has no DetectorFeature {feature} that is enabled" + (f" with {agent}" if agent else "")

    return has_feature


detector_eks_audit_logs = _feature(
    "eks-audit-logs",
    title="GuardDuty watches the audit logs of EKS",
    control="GuardDuty.5",
    severity=Severity.HIGH,
    why="What is done inside a cluster shows in its audit log alone.",
    feature="EKS_AUDIT_LOGS",
    source="kubernetes.auditLogs",
)
detector_lambda_network = _feature(
    "lambda-network",
    title="GuardDuty watches the network traffic of functions",
    control="GuardDuty.6",
    severity=Severity.HIGH,
    why="A function that talks to an intruder's server shows in its traffic alone.",
    feature="LAMBDA_NETWORK_LOGS",
)
detector_eks_runtime = _feature(
    "eks-runtime",
    title="GuardDuty keeps its agent on the nodes of EKS",
    control="GuardDuty.7",
    severity=Severity.MEDIUM,
    why="What runs inside a container shows to an agent on its node alone.",
    feature="RUNTIME_MONITORING",
    agent="EKS_ADDON_MANAGEMENT",
)
detector_malware = _feature(
    "malware",
    title="GuardDuty scans the volumes of suspicious instances for malware",
    control="GuardDuty.8",
    severity=Severity.HIGH,
    why="Without a scan, an alarm about an instance leaves open what is on it.",
    feature="EBS_MALWARE_PROTECTION",
    source="malwareProtection.scanEc2InstanceWithFindings.ebsVolumes",
)
detector_rds_logins = _feature(
    "rds-logins",
    title="GuardDuty watches the logins of databases",
    control="GuardDuty.9",
    severity=Severity.HIGH,
    why="Guessed and stolen database passwords show in unusual logins.",
    feature="RDS_LOGIN_EVENTS",
)
detector_s3_events = _feature(
    "s3-events",
    title="GuardDuty watches what is done with objects in buckets",
    control="GuardDuty.10",
    severity=Severity.HIGH,
    why="Data that is carried off from a bucket shows in its data events alone.",
    feature="S3_DATA_EVENTS",
    source="s3Logs",
)
detector_runtime = _feature(
    "runtime",
    title="GuardDuty watches what runs on instances and in containers",
    control="GuardDuty.11",
    severity=Severity.HIGH,
    why="Processes, files and connections of an intruder's program show to an agent alone.",
    feature="RUNTIME_MONITORING",
)
detector_ecs_runtime = _feature(
    "ecs-runtime",
    title="GuardDuty keeps its agent in the tasks of Fargate",
    control="GuardDuty.12",
    severity=Severity.MEDIUM,
    why="What runs inside a task shows to an agent beside it alone.",
    feature="RUNTIME_MONITORING",
    agent="ECS_FARGATE_AGENT_MANAGEMENT",
)
detector_ec2_runtime = _feature(
    "ec2-runtime",
    title="GuardDuty keeps its agent on instances",
    control="GuardDuty.13",
    severity=Severity.MEDIUM,
    why="Without care, the agent is missing on the instance that matters.",
    feature="RUNTIME_MONITORING",
    agent="EC2_AGENT_MANAGEMENT",
)


@rule(
    name="guardduty-feature-enabled",
    title="Features of GuardDuty that are declared are enabled",
    severity=Severity.HIGH,
    controls=(
        "GuardDuty.5",
        "GuardDuty.6",
        "GuardDuty.8",
        "GuardDuty.9",
        "GuardDuty.10",
        "GuardDuty.11",
    ),
    types=(_FEATURE,),
    why="A feature that is declared and disabled hides that nobody watches.",
    fix="""
        aws.guardduty.DetectorFeature(
            "s3", detector_id=detector.id, name="S3_DATA_EVENTS", status="ENABLED"
        )
    """,
    link=f"{_FSBP}#guardduty-10",
)
def feature_enabled(feature: Resource) -> Problems:
    """Before it is made, so that a detector of another stack is watched too."""
    return None if feature.text("status") == "ENABLED" else "status is not ENABLED"
