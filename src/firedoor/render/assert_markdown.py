"""Results of intents as Markdown, for the summary of a CI job or a comment."""

from __future__ import annotations

from firedoor.model.intents import Verification
from firedoor.render.assert_words import failure_lines, result_text, summary_text
from firedoor.render.markdown_text import code, section


def assert_markdown(verification: Verification) -> str:
    """Return a summary line, a table of the intents, and what speaks against each that fails."""
    rows = [
        [result_text(each), each.intent.kind.value, code(each.intent.name), code(each.intent.place)]
        for each in verification.results
    ]
    parts = [f"**Who may reach whom**: {summary_text(verification)}.\n"]
    parts.append(section(f"Intents ({len(rows)})", ("", "demand", "intent", "place"), rows))
    for each in verification.results:
        if not each.holds:
            lines = "\n".join(line.replace("```", "'''") for line in failure_lines(each))
            title = f"Why {_html(each.intent.name)} fails"
            parts.append(f"<details><summary>{title}</summary>\n\n```text\n{lines}\n```\n</details>\n")
    return "\n".join(parts)


def _html(text: str) -> str:
    escaped = code(text)[1:-1].replace("\\|", "|").replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return f"<code>{escaped}</code>"
