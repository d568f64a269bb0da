"""`syncup scan`: what every scanner has found, in one report."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cli.exit_codes import ExitCode, first_of
from cli.frame import JsonOption, StackArgument, connected, declared_as
from cli.output import show

if TYPE_CHECKING:
    from operate.security_scan import Source
    from policies.report import Report

app = typer.Typer()


@app.command()
def scan(
    stack: StackArgument,
    state: Annotated[
        Path | None,
        typer.Option(
            help="Judge deployed state too: the output of `pulumi stack export`.",
            show_default=False,
            dir_okay=False,
            exists=True,
        ),
    ] = None,
    *,
    as_json: JsonOption = False,
) -> None:
    """Scan dependencies, the program, its deployed state, and what AWS has found in the account."""
    from infra.reading import ROOT  # noqa: PLC0415

    with connected(stack) as found:
        from operate import security_scan  # noqa: PLC0415

        sources = [
            security_scan.dependencies(_requirements(ROOT), ROOT),
            security_scan.security_hub(found),
            security_scan.inspector(found),
        ]
    declared, program = _policies("the program", declared_as(stack), None)
    reports = [declared]
    sources.append(program)
    if state is not None:
        deployed, source = _policies("deployed state", None, state)
        reports.append(deployed)
        sources.append(source)
    else:
        missing = "give it by --state FILE, the output of `pulumi stack export`"
        sources.append(security_scan.Source(name="deployed state", skipped=missing))
    code = _status(sources[:3], reports)
    show({"fine": code is ExitCode.FINE, "sources": sources}, _lines(sources), as_json=as_json)
    raise typer.Exit(code)


def _requirements(root: Path) -> list[Path]:
    return [root / "requirements.txt", *sorted((root / "functions").glob("*/requirements.txt"))]


def _policies(name: str, stack: str | None, state: Path | None) -> "tuple[Report, Source]":
    from cli.policy import judged_resources  # noqa: PLC0415
    from operate.security_scan import Finding, Source  # noqa: PLC0415
    from policies.pack import read_pack  # noqa: PLC0415
    from policies.report import Standing  # noqa: PLC0415

    known, judged, _ = judged_resources(stack, state)
    pack = read_pack(known)
    report = pack.report(pack.judge(judged))
    findings = [
        Finding(
            severity=finding.rule.severity.value,
            what=f"{finding.rule.name}: {'; '.join(finding.problems)}",
            where=finding.urn,
            fix=finding.rule.fix,
        )
        for finding in report.findings
        if finding.standing is Standing.OPEN
    ]
    return report, Source(name=name, skipped="", findings=findings)


def _status(scanners: "Sequence[Source]", reports: "Sequence[Report]") -> ExitCode:
    """FAILED where a scanner found something critical or high, otherwise what the policies say."""
    from cli.policy_status import status_of  # noqa: PLC0415

    pressing = any(finding.presses for source in scanners for finding in source.findings)
    return first_of(ExitCode.FAILED if pressing else ExitCode.FINE, *map(status_of, reports))


def _lines(sources: "Sequence[Source]") -> list[str]:
    lines: list[str] = []
    for source in sources:
        said = [f"not looked at: {source.skipped}"] if source.skipped else []
        if source.findings or not said:
            said.insert(0, f"{len(source.findings)} findings" if source.findings else "nothing found")
        lines.append(f"{source.name}: {'; '.join(said)}")
        for finding in source.findings:
            lines += [f"  {finding.severity:8}  {finding.what}", f"            at {finding.where}"]
            if finding.fix:
                lines.append(f"            fix: {finding.fix}")
    return lines
