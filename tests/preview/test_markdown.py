"""Foreign text inside Markdown is shown as it is."""

import pytest

from preview.markdown import block, code, folded, plain


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a", "`a`"),
        ("", "`(empty)`"),
        (" ", "`(empty)`"),
        ("a`b", "`a\u02cbb`"),
        ("a|b", "`a\\|b`"),
        ("a\nb\r\nc", "`a⏎b⏎c`"),
        ("a\u202eb\u200b\x07", "`ab`"),
        ("<b>@team #1", "`<b>@team #1`"),
    ],
)
def test_a_code_span_ends_where_it_should(text: str, shown: str) -> None:
    assert code(text) == shown


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a-b, c. d", "a-b, c. d"),
        ("- a", "\\- a"),
        ("# a", "\\# a"),
        ("**a** [b](c)", "\\*\\*a\\*\\* \\[b\\]\\(c\\)"),
        ("<b> & </b>", "&lt;b&gt; &amp; &lt;/b&gt;"),
        ("@team", "@\u200bteam"),
        ("see #12, GH-12", "see #\u200b12, GH\u200b-12"),
        ("https://a.example, www.a.example", "https:\u200b//a.example, www\u200b.a.example"),
        ("a\nb", "a b"),
    ],
)
def test_running_text_formats_links_and_mentions_nothing(text: str, shown: str) -> None:
    assert plain(text) == shown


@pytest.mark.parametrize("inside", ["```", "````\n`", "a"])
def test_a_block_is_not_ended_by_what_is_in_it(inside: str) -> None:
    lines = block(inside.splitlines(), "diff").splitlines()
    fence = lines[0].removesuffix("diff")
    assert set(fence) == {"`"}
    assert lines[-1] == fence
    assert not any(line.startswith(fence) for line in lines[1:-1])


def test_a_folded_part_has_a_blank_line_around_what_is_markdown() -> None:
    assert folded("a & b", "- c") == "<details><summary>a &amp; b</summary>\n\n- c\n\n</details>"
