"""How results are written: whoever reads them in a terminal is not at the mercy of what is in them."""

import json

import pytest

from cli import output

_EVIL = "\x1b[31mred\x1b]0;mine\x07 \x9b2J \x7f\rgone"


@pytest.mark.parametrize("as_json", [False, True])
def test_what_strangers_wrote_moves_no_cursor(as_json: bool, capsys: pytest.CaptureFixture[str]) -> None:
    output.say(_EVIL)
    output.show_one({"text": _EVIL[:16]}, _EVIL, as_json=as_json)
    output.show({"text": _EVIL[:16]}, [_EVIL], as_json=as_json)
    captured = capsys.readouterr()
    assert not set("\x1b\x07\x9b\x7f\r") & set(captured.out + captured.err)
    assert r"\x1b[31mred" in captured.err


def test_lines_and_columns_stay(capsys: pytest.CaptureFixture[str]) -> None:
    output.show(None, ["a\tb\nc", "ü → 日本"], as_json=False)
    assert capsys.readouterr().out == "a\tb\nc\nü → 日本\n"


def test_json_is_the_same_text(capsys: pytest.CaptureFixture[str]) -> None:
    output.show({"text": _EVIL}, [], as_json=True)
    assert json.loads(capsys.readouterr().out) == {"text": _EVIL}
