"""ECR: repositories of container images."""

from typing import Final

from policies.rule import Level, Problems, Severity, rule
from policies.stack import Stack
from policies.view import Resource, View, any_holds, one_holds

_REPOSITORY: Final = "aws:ecr/repository:Repository"
_TEMPLATE: Final = "aws:ecr/repositoryCreationTemplate:RepositoryCreationTemplate"
_SCANNING: Final = "aws:ecr/registryScanningConfiguration:RegistryScanningConfiguration"
_LIFECYCLE: Final = "aws:ecr/lifecyclePolicy:LifecyclePolicy"

_FSBP: Final = "https://docs.aws.amazon.com/securityhub/latest/userguide/ecr-controls.html"


@rule(
    name="ecr-repository-scans-images",
    title="Repositories scan their images for vulnerabilities",
    severity=Severity.HIGH,
    controls=("ECR.1",),
    types=(_REPOSITORY,),
    why="Without scans, nobody learns that an image has a known hole before it runs.",
    fix="""
        aws.ecr.Repository("images", image_scanning_configuration={"scan_on_push": True})
    """,
    link=f"{_FSBP}#ecr-1",
)
def repository_scans_images(repository: Resource, stack: Stack) -> Problems:
    """A repository scans nothing by default; the registry's configuration may do so for all."""
    if one_holds(
        lambda: repository.flag("imageScanningConfiguration.scanOnPush", default=False),
        lambda: any_holds(_scans_everything, stack.all(_SCANNING)),
    ):
        return None
    return "image_scanning_configuration.scan_on_push is not on"


def _scans_everything(registry: Resource) -> bool:
    return any_holds(
        lambda one: (
            one.text("scanFrequency") in ("SCAN_ON_PUSH", "CONTINUOUS_SCAN")
            and any_holds(_is_wildcard, one.objects("repositoryFilters"))
        ),
        registry.objects("rules"),
    )


def _is_wildcard(one: View) -> bool:
    return one.text("filter") == "*"


@rule(
    name="ecr-repository-immutable-tags",
    title="Tags of images stay on the image that they were given to",
    severity=Severity.MEDIUM,
    controls=("ECR.2",),
    types=(_REPOSITORY, _TEMPLATE),
    why="Whoever may push can put another image under the tag that runs in production.",
    fix="""
        aws.ecr.Repository("images", image_tag_mutability="IMMUTABLE")
    """,
    link=f"{_FSBP}#ecr-2",
)
def repository_immutable_tags(repository: Resource) -> Problems:
    """Tags can be moved by default."""
    mutability = repository.text("imageTagMutability", default="MUTABLE")
    return None if mutability.startswith("IMMUTABLE") else "image_tag_mutability is not IMMUTABLE"


@rule(
    name="ecr-repository-lifecycle",
    title="Repositories remove images that are no longer needed",
    severity=Severity.MEDIUM,
    controls=("ECR.3",),
    types=(_REPOSITORY,),
    why="Old images with known holes stay there to be run by mistake.",
    fix="""
        aws.ecr.LifecyclePolicy("images", repository=repository.name, policy=json.dumps({
            "rules": [{
                "rulePriority": 1,
                "selection": {"tagStatus": "any", "countType": "imageCountMoreThan", "countNumber": 50},
                "action": {"type": "expire"},
            }],
        }))
    """,
    link=f"{_FSBP}#ecr-3",
)
def repository_lifecycle(repository: Resource, stack: Stack) -> Problems:
    """A repository keeps everything by default."""
    if any_holds(lambda _policy: True, stack.beside(repository, _LIFECYCLE, by="repository")):
        return None
    return "it has no LifecyclePolicy"


@rule(
    name="ecr-repository-encrypted-with-own-key",
    title="Repositories are encrypted with a key of one's own",
    severity=Severity.LOW,
    level=Level.ADVISORY,
    types=(_REPOSITORY, _TEMPLATE),
    why="AWS's key cannot be revoked, nor its policy limited.",
    fix="""
        aws.ecr.Repository(
            "images", encryption_configurations=[{"encryption_type": "KMS", "kms_key": key.arn}]
        )
    """,
    link="https://docs.aws.amazon.com/AmazonECR/latest/userguide/encryption-at-rest.html",
)
def repository_encrypted_with_own_key(repository: Resource) -> Problems:
    """By default S3's own keys are used; with KMS and no key, AWS's."""
    if any_holds(
        lambda one: one.text("encryptionType").startswith("KMS") and one.is_present("kmsKey"),
        repository.objects("encryptionConfigurations"),
    ):
        return None
    return "encryption_configurations names no kms_key"
