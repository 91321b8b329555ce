"""An explanation as a person reads it: the verdict first, who must do what, when it will be right, and why."""

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from fakes.shared.moments import read_wire_time
from simulator.clock import new_york
from simulator.explanation.records import Evidence, Explanation, Step, Topic

SIGNS = {"yes": ("✔", "green"), "no": ("✘", "red"), "open": ("·", "dim")}


def print_explanation(explanation: Explanation, console: Console) -> None:
    """Print an explanation.

    Args:
        explanation: of a person, or of a person in a class.
        console: where; colour is its affair.
    """
    console.print(Text(_heading(explanation), style="bold"))
    for topic in explanation.topics:
        console.print()
        _print_topic(topic, console)


def _heading(explanation: Explanation) -> str:
    ids = explanation.ids
    known = [
        f"number {ids.number}" if ids.number else "not in ATS/STARS",
        f"Clever {ids.clever}" if ids.clever else "not in Clever",
        f"Otus account {ids.otus_account}" if ids.otus_account else "no Otus account",
    ]
    where = f" · {explanation.class_name}" if explanation.class_name else ""
    return f"{explanation.person}{where} · {_moment(explanation.at)}\n{', '.join(known)}"


def _print_topic(topic: Topic, console: Console) -> None:
    sign, style = (
        ("✔", "green") if topic.right and not topic.turns else ("→", "yellow") if topic.turns else ("✘", "red")
    )
    console.print(f"[{style}]{sign} {escape(topic.verdict)}[/]")
    if topic.who != "nobody":
        console.print(f"  who must act  {escape(topic.who)}")
    if topic.by_itself:
        console.print(f"  by itself     {escape(topic.by_itself)}")
    elif topic.if_done_now:
        console.print(f"  by itself     never; {escape(topic.if_done_now)}")
    for turn in topic.turns:
        console.print(
            f"  {_moment(turn.in_otus)}  {escape(turn.becomes)}: {escape(turn.why)} ({', '.join(turn.rules)})"
        )
    for condition in topic.conditions:
        console.print(f"  [yellow]but[/]           {escape(condition)}")
    for step in topic.steps:
        _print_step(step, console)
    for evidence in topic.evidence:
        console.print(f"  {escape(_evidence(evidence))}", style="dim")


def _print_step(step: Step, console: Console) -> None:
    sign, style = SIGNS[step.answer]
    console.print(f"  [{style}]{sign} {step.number} {escape(step.question)} {step.answer}[/]")
    if step.answer != "open":
        for evidence in step.evidence:
            console.print(f"      {escape(_evidence(evidence))}", style="dim")


def _evidence(evidence: Evidence) -> str:
    when = f"{_moment(evidence.at)}  " if evidence.at else ""
    record = f" ({evidence.record})" if evidence.record else ""
    return f"{when}{evidence.system}: {evidence.what}{record}"


def _moment(at: str) -> str:
    return new_york(read_wire_time(at))
