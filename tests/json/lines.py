# SPDX-License-Identifier: MIT
"""Reads lines for machines, each checked against the schema by a validator that knows nothing of the guard."""

import json
import os
import sys

try:
    import jsonschema
except ImportError:
    print("SKIP: Debian's python3-jsonschema is not installed")
    sys.exit(77)

SCHEMA = os.path.join(os.path.dirname(os.path.abspath(__file__)), "../../docs/findings.schema.json")
with open(SCHEMA, encoding="utf-8") as text:
    schema = json.load(text)
jsonschema.Draft202012Validator.check_schema(schema)
# For each kind of line, since a oneOf that failed explains nothing.
EVENTS = [row["$ref"].split("/")[-1] for row in schema["oneOf"]]
VALIDATORS = {name: jsonschema.Draft202012Validator(
    {"$ref": f"#/$defs/{name}", "$defs": schema["$defs"]}) for name in EVENTS}


def refuse(constant):
    raise ValueError(f"{constant} is no JSON")


def once(pairs):
    keys = [key for key, value in pairs]
    if len(set(keys)) != len(keys):
        raise ValueError(f"a key is there twice: {keys}")
    return dict(pairs)


def complaints_about(event):
    kind = event.get("event") if isinstance(event, dict) else None
    if kind not in VALIDATORS:
        return ["is of no known event"]
    return [f"{error.json_path}: {error.message}" for error in VALIDATORS[kind].iter_errors(event)]


def read_lines(data):
    """What the bytes hold, and what is wrong with them."""
    events, errors = [], []
    if data and not data.endswith(b"\n"):
        errors.append("the last line has no end")
    for number, line in enumerate(data.split(b"\n")[:-1], 1):
        try:
            event = json.loads(line.decode("utf-8"), parse_constant=refuse, object_pairs_hook=once)
        except ValueError as error:
            errors.append(f"line {number} is no JSON ({error}): {line[:200]!r}")
            continue
        errors += [f"line {number}: {complaint}" for complaint in complaints_about(event)]
        events.append(event)
    return events, errors


def of(events, kind):
    return [event for event in events if event["event"] == kind]


def counts_of(events):
    """How often each finding of one process occurred, by its number."""
    counts = {event["number"]: 1 for event in of(events, "finding")}
    for event in of(events, "again"):
        if event["occurrences"] <= counts[event["number"]]:
            raise ValueError(f"a count that does not grow: {event}")
        counts[event["number"]] = event["occurrences"]
    return counts


def order_errors(events):
    """What each process may rely on: its start first, findings counted from 1, its summary last."""
    errors = []
    for pid in dict.fromkeys(event["pid"] for event in events):
        own = [event for event in events if event["pid"] == pid]
        kinds = [event["event"] for event in own]
        if kinds[0] != "start" or "start" in kinds[1:]:
            errors.append(f"process {pid} does not begin with its one start: {kinds}")
        if "summary" in kinds[:-1]:
            errors.append(f"process {pid} goes on after its summary: {kinds}")
        numbers = [event["number"] for event in of(own, "finding")]
        if numbers != list(range(1, len(numbers) + 1)):
            errors.append(f"findings of {pid} are not numbered from 1: {numbers}")
        for summary in of(own, "summary"):
            counted = sum(counts_of(own).values()) + summary.get("occurrences_not_kept", 0)
            if (summary["misuses"], summary["occurrences"]) != (len(numbers), counted):
                errors.append(f"summary of {pid} counts otherwise than its lines: {summary}")
    return errors
