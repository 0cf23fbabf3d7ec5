"""`osreach diagnose EVENTS [PATH...]`: why CloudTrail says that access was denied."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from osreach.cli.access import add_output, add_paths
from osreach.cli.inputs import add_inputs

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from osreach.evaluate.diagnosis import Diagnosis, Unmatched
    from osreach.evaluate.layer import LayerAnswer
    from osreach.evaluate.remedy import Change, Remedy
    from osreach.events.collect import Collected, Denial
    from osreach.events.event import Event
    from osreach.iam.hole import Holes
    from osreach.problem import Problem

_CLEAN, _DENIED, _FAILED = 0, 1, 2


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Adds this command to the command line."""
    parser = subparsers.add_parser(
        "diagnose",
        help="tell why CloudTrail says that access was denied, and what would allow it",
        description="For each access-denied event: which layer refused, which statement or its absence did it, "
        "and the smallest change of the code that would allow it. No call to AWS is made.",
        epilog="Exit codes: 0 nothing was denied, 1 something was, 2 the request could not be carried out.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "events",
        metavar="EVENTS",
        help="an event history download (CSV), or CloudTrail JSON (`Records`, or one event a line), "
        "also gzip, or a folder of such files",
    )
    add_paths(parser)
    parser.set_defaults(run=run)
    parser.add_argument(
        "--user", metavar="NAME", help="only events of this user, role or session (name or ARN)"
    )
    add_output(parser, ("text", "json"))
    add_inputs(parser)


def run(arguments: argparse.Namespace) -> int:
    """Writes the diagnoses; the exit code as described in the help. Raises UsageError."""
    import sys  # noqa: PLC0415 - `osreach --help` stays fast

    from osreach.cli.access import analysis_of  # noqa: PLC0415 - likewise
    from osreach.cli.inputs import existing  # noqa: PLC0415 - likewise
    from osreach.cli.output import check_destination, write  # noqa: PLC0415 - likewise
    from osreach.evaluate.diagnosis import Models, diagnose, merged  # noqa: PLC0415 - likewise
    from osreach.events.collect import collect  # noqa: PLC0415 - likewise
    from osreach.events.read import read_events  # noqa: PLC0415 - likewise
    from osreach.report.printable import printable  # noqa: PLC0415 - likewise
    from osreach.usage import UsageError  # noqa: PLC0415 - likewise

    check_destination(arguments.output)
    existing(arguments.paths)
    collected = collect(_watched(read_events(arguments.events)), arguments.user)
    problems = list(_problems(collected))
    for problem in problems:
        place = problem.location
        sys.stderr.write(printable(f"{place.path}:{place.line}: {problem.message}") + "\n")
    if not collected.events and problems:
        raise UsageError(f"no event of CloudTrail could be read in `{arguments.events}`")
    found: tuple[Diagnosis, ...] = ()
    unmatched: tuple[Unmatched, ...] = ()
    if collected.denials:
        analysis = analysis_of(arguments)
        holes = analysis.holes
        models = Models(analysis.reading.resources, analysis.inputs, holes)
        found, unmatched = diagnose(collected, models)
        found = merged(found)
    else:
        from osreach.iam.hole import Holes  # noqa: PLC0415 - likewise

        holes = Holes()
    if arguments.format == "json":
        import json  # noqa: PLC0415 - likewise

        text = json.dumps(_report(found, unmatched, problems, collected, holes), indent=2)
    else:
        text = "\n".join(map(printable, _words(found, unmatched, collected, holes)))
    write(f"{text}\n", arguments.output)
    return _DENIED if collected.denials else _CLEAN


_EVERY = 1000


def _watched(events: Iterator[Event | Problem]) -> Iterator[Event | Problem]:
    """The same, with a line on a terminal that shows how far the reading is."""
    from osreach.cli.progress import shown_progress  # noqa: PLC0415 - `osreach --help` stays fast

    with shown_progress() as progress:
        for number, event in enumerate(events):
            if number % _EVERY == 0:
                progress(f"reading events, {number:,} so far", 0, 0)
            yield event


def _problems(collected: Collected) -> Iterator[Problem]:
    """What could not be read, or was only counted."""
    from osreach.events.collect import LIMIT  # noqa: PLC0415 - as above
    from osreach.location import Location  # noqa: PLC0415 - as above
    from osreach.problem import Problem  # noqa: PLC0415 - as above

    yield from collected.problems
    if collected.further_problems:
        last = collected.problems[-1].location
        yield Problem(last, f"{collected.further_problems:,} further problems are not listed")
    if collected.uncounted:
        place = collected.denials[-1].event.location
        at = Location(place.path, place.line, 1, place.line, 1)
        yield Problem(
            at,
            f"{collected.uncounted:,} denials beyond {LIMIT:,} different ones are not diagnosed, narrow with `--user`",
        )


def _report(
    found: Sequence[Diagnosis],
    unmatched: Sequence[Unmatched],
    problems: Sequence[Problem],
    collected: Collected,
    holes: Holes,
) -> dict[str, object]:
    return {
        "denials": [_diagnosis_object(one, holes) for one in found],
        "unmatched": [
            {
                "event": _event_object(one.denial, ""),
                "count": one.denial.count,
                "reason": holes.fill(one.reason),
                "candidates": list(one.candidates),
            }
            for one in unmatched
        ],
        "problems": [
            {
                "path": one.location.path,
                "line": one.location.line,
                "column": one.location.column,
                "message": one.message,
            }
            for one in problems
        ],
        "events": collected.events,
    }


def _event_object(denial: Denial, resource: str) -> dict[str, object]:
    event, asked = denial.event, denial.asked
    return {
        "time": denial.first,
        "last_time": denial.last,
        "principal": event.caller.shown,
        "action": asked.action,
        "resource": resource or asked.resource or asked.key,
        "request_id": event.request_id,
        "event_id": event.event_id,
        "error_code": event.error_code,
        "invoked_by": event.caller.invoked_by,
        "path": event.location.path,
        "line": event.location.line,
    }


def _diagnosis_object(one: Diagnosis, holes: Holes) -> dict[str, object]:
    from osreach.cli.access import because_objects, dependency_objects  # noqa: PLC0415 - as above

    explanation = one.explanation
    return {
        "event": _event_object(one.denial, holes.fill(one.resource)),
        "count": one.denial.count,
        "principal": one.caller,
        "resource": holes.fill(one.target),
        "decision": explanation.answer.value,
        "refused_by": None if explanation.answer.value == "allowed" else one.refused_by.value,
        "reason": holes.fill(one.reason),
        "layers": [
            {
                "layer": layer.layer.value,
                "decision": layer.answer.value,
                "reason": holes.fill(layer.reason),
                "because": because_objects(layer.because, holes),
            }
            for layer in explanation.layers
        ],
        "remedy": " ".join(remedy_sentences(one, holes)),
        "changes": [_change_object(change, holes) for change in one.remedy.changes],
        "proved": one.remedy.proved,
        "caused_by": one.caused_by or None,
        "behind": one.behind_resource or None,
        "depends_on": dependency_objects(explanation.depends_on, holes),
        "notes": [holes.fill(note) for note in _notes(one)],
    }


def _change_object(change: Change, holes: Holes) -> dict[str, object]:
    from osreach.cli.access import place_object  # noqa: PLC0415 - as above
    from osreach.evaluate.remedy import worded  # noqa: PLC0415 - as above

    return {
        "do": change.doing.value,
        "layer": change.layer.value,
        "policy": holes.fill(change.policy),
        "location": place_object(change.location),
        "after_line": change.after or None,
        "statement": worded(change.statement, holes.fill) if change.statement is not None else None,
        "sid": change.sid or None,
    }


def remedy_sentences(one: Diagnosis, holes: Holes) -> list[str]:
    """What to do, one sentence for each change."""
    from osreach.evaluate.diagnosis import OUTSIDE  # noqa: PLC0415 - as above
    from osreach.evaluate.layer import Answer  # noqa: PLC0415 - as above

    if one.explanation.answer is Answer.ALLOWED:
        return [f"nothing to change in the code: {OUTSIDE}"]
    sentences = [_change_sentence(change, holes) for change in one.remedy.changes]
    if not one.remedy.proved:
        sentences.append(_unproved(one.remedy))
    return sentences


def _unproved(remedy: Remedy) -> str:
    return f"with that {remedy.left}" if remedy.changes else f"no change of the code is known: {remedy.left}"


def _change_sentence(change: Change, holes: Holes) -> str:
    import json  # noqa: PLC0415 - as above

    from osreach.cli.access import place_words  # noqa: PLC0415 - as above
    from osreach.evaluate.remedy import Doing, worded  # noqa: PLC0415 - as above

    place = place_words(change.location)
    at = f" at {place}" if place else ""
    policy = f"`{holes.fill(change.policy)}`"
    kind = change.layer.value.replace("_", " ")
    if change.doing is Doing.NARROW:
        statement = f"`{holes.fill(change.sid)}`" if change.sid else str(change.index + 1)
        return (
            f"except this request from the statement {statement} of the {kind} {policy}{at}, which denies it"
        )
    text = json.dumps(worded(change.statement, holes.fill))
    if change.doing is Doing.WRITE:
        kind = "policy" if kind in {"resource policy", "organization"} else kind
        return f"write a {kind} for {policy}{at} with the statement {text}".replace(
            "a identity", "an identity"
        )
    behind = f" (behind line {change.after})" if change.after else ""
    kind = "policy" if kind == "organization" else kind
    return f"add to the {kind} of {policy}{at}{behind} the statement {text}"


_PLAIN = {
    "allowed": "the code allows it",
    "explicit_deny": "denied by a statement",
    "implicit_deny": "nothing allows it",
    "unknown": "not knowable from these files",
}


def _words(
    found: Sequence[Diagnosis], unmatched: Sequence[Unmatched], collected: Collected, holes: Holes
) -> Iterator[str]:
    """The report for people."""
    for one in found:
        yield from _diagnosis_lines(one, holes)
        yield ""
    if unmatched:
        yield "not matched with the code"
        for other in unmatched:
            asked = other.denial.asked
            resource = asked.resource or asked.key
            on = f" on `{resource}`" if resource else ""
            yield f"  {_when(other.denial)}: `{other.denial.event.caller.shown}` `{asked.action}`{on}"
            yield f"      {holes.fill(other.reason)}"
            if other.candidates:
                yield f"      it may be {' or '.join(f'`{each}`' for each in other.candidates)}"
        yield ""
    count = sum(denial.count for denial in collected.denials) + collected.uncounted
    yield (
        f"{_number(collected.events, 'event')}, {count:,} denied: "
        f"{sum(one.denial.count for one in found):,} explained, "
        f"{sum(one.denial.count for one in unmatched):,} not matched"
        f"{f', {collected.uncounted:,} not diagnosed' if collected.uncounted else ''}"
    )


def _number(count: int, word: str) -> str:
    return f"{count:,} {word}{'' if count == 1 else 's'}"


def _when(denial: Denial) -> str:
    time = denial.first or "at an unknown time"
    if denial.count == 1:
        return time
    span = f"{time} to {denial.last}" if denial.last != denial.first else time
    return f"{denial.count:,} times, {span}"


def _diagnosis_lines(one: Diagnosis, holes: Holes) -> Iterator[str]:
    asked = one.denial.asked
    yield f"{_when(one.denial)}: `{one.denial.event.caller.shown}` was refused `{asked.action}` on `{holes.fill(one.resource)}`"
    for word, name, defined in (
        ("caller", one.caller, one.caller_defined),
        ("resource", one.target, one.target_defined),
    ):
        yield f"  {word:<14}`{holes.fill(name)}`{'' if defined else ', which is not in the code'}"
    if one.caused_by:
        behind = f" on `{one.behind_resource}`" if one.behind_resource else ""
        yield f"  caused by     {one.caused_by}{behind}"
    verdict = _PLAIN[one.explanation.answer.value]
    if one.explanation.answer.value == "allowed":
        yield f"  decision      {holes.fill(one.reason)}"
    else:
        layer = one.refused_by.value.replace("_", " ")
        yield f"  decision      {verdict}; the {layer} refused: {holes.fill(one.reason)}"
    for layer_answer in one.explanation.layers:
        yield from _layer_lines(layer_answer, holes)
    for sentence in remedy_sentences(one, holes):
        yield f"  remedy        {sentence}"
    for note in _notes(one):
        yield f"  note          {holes.fill(note)}"


def _notes(one: Diagnosis) -> Iterator[str]:
    """What is to be said besides."""
    if one.said:
        yield one.said
    yield from one.notes
    if one.denial.others:
        yield f"{one.denial.others:,} of these were about further resources of the same kind or came from further addresses"
    yield from one.explanation.notes


def _layer_lines(layer: LayerAnswer, holes: Holes) -> Iterator[str]:
    from osreach.cli.access import place_words  # noqa: PLC0415 - as above

    if layer.answer.value == "not_applicable":
        return
    name = layer.layer.value.replace("_", " ")
    said = layer.answer.value.replace("_", " ")
    yield f"    {name:<20} {said:<14} {holes.fill(layer.reason)}"
    for one in layer.because:
        place = place_words(one.location)
        if place:
            sid = f" ({holes.fill(one.sid)})" if one.sid else ""
            yield f"      {place} {holes.fill(one.policy)}{sid}"
