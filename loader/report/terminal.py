"""How verdicts, severities and scores look in a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.text import Text

from loader.packs.results import ResourceResult
from loader.packs.scores import Score
from loader.report.wording import https_only
from loader.verdicts import Severity, Verdict
from loader.visible import one_line

STYLES = {
    Verdict.FAIL: "bold red",
    Verdict.NOT_EVALUATED: "yellow",
    Verdict.EXCEPTED: "magenta",
    Verdict.MANUAL: "cyan",
    Verdict.PASS: "green",
    Verdict.NOT_APPLICABLE: "dim",
}
SEVERITIES = {
    Severity.CRITICAL: "bold red",
    Severity.HIGH: "red",
    Severity.MEDIUM: "yellow",
    Severity.LOW: "cyan",
    Severity.INFO: "dim",
}
_WELL, _HALF = 90, 50
_PARTS = " ▏▎▍▌▋▊▉"


def bar(console: Console, score: Score, width: int = 20) -> Text:
    """A score as a bar: full where all pass. Plain signs where the terminal has no others."""
    percent = score.percent
    if percent is None:
        return Text(" " * width)
    full, part = divmod(percent * width * 8 // 100, 8)
    if console.encoding.lower().startswith("utf"):
        drawn = "█" * full + (_PARTS[part] if part else "")
        rest = "·" * (width - len(drawn))
    else:
        drawn, rest = "#" * full, "." * (width - full)
    return Text(drawn, style=tone(percent)).append(rest, style="dim")


def tone(percent: int) -> str:
    """Green where nearly all pass, red where not even half does."""
    return "green" if percent >= _WELL else "yellow" if percent >= _HALF else "red"


def percent(score: Score) -> Text:
    """Three digits and the sign, so that they stand one below the other; a dash where nothing was judged."""
    return (
        Text("    –") if score.percent is None else Text(f"{score.percent:>3} %", style=f"bold {tone(score.percent)}")
    )


def name_of(one: ResourceResult) -> Text:
    """A resource's name, which opens it in the portal where the terminal shows links."""
    name = Text(one_line(one.name))
    if link := https_only(one.link):
        name.stylize(f"link {link}")
    return name
