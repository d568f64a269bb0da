"""What is made on this machine is what the program declares."""

from components.archives import sources
from local.provider import MAKERS, source_of
from preview.values import Asset
from tests.program.stacks import built


def test_whatever_is_made_the_program_declares() -> None:
    declared = {resource.type for resource in built("staging").known.resources}
    assert set(MAKERS) <= declared


def test_every_function_of_the_program_is_run_from_its_sources() -> None:
    functions = built("staging").known.all("aws:lambda/function:Function")
    found = {source_of(function["code"]) for function in functions}
    assert len(functions) > 5
    assert found <= set(sources())


def test_the_folder_of_an_archive_may_have_any_name() -> None:
    assert source_of(Asset("archive", "path", "build/functions/a_b-0123456789abcdef.zip")) == "a_b"
