# SPDX-License-Identifier: MIT
"""The text report, made of nothing but the lines for machines: what comes out the same proves that all is in them."""

OPERATIONS_ON_MEMORY = ("read", "write", "execution")


def plural(count):
    return "" if count == 1 else "s"


def amount(count):
    return f"{count} byte{plural(count)}"


def last_part(path):
    return path.rsplit("/", 1)[-1]


def frames_of(event):
    stack = event["stack"]
    own = next((i for i, frame in enumerate(stack) if not frame.get("system")), len(stack))
    told = set()
    for number, frame in enumerate(stack):
        function = frame.get("function")
        line = f"    {'=>' if number == own else '  '} #{number} {function or '??'}"
        if "file" in frame and not frame.get("system"):
            line += f"  {frame['file']}:{frame['line']}"
        else:
            line += f"  ({last_part(frame.get('module', '?'))}+{frame['offset']})"
            build_id = frame.get("build_id")
            if not function and build_id and build_id not in told:
                line += f" build-id {build_id}"
        if not function:
            told.add(frame.get("build_id"))
        yield line + ("  [inlined]" if frame.get("inlined") else "")
    if not stack:
        yield "       (no stack was recorded)"


def by_thread(event, separator=", "):
    return f"{separator}by thread {event['thread']}" if "thread" in event else ""


def who(finding):
    thread = finding["thread"]
    return f"by thread {thread['number']} (tid {thread.get('tid', 0)}, \"{thread.get('name', '')}\")"


def position(finding):
    block, offset = finding["block"], finding["offset"]
    age = "old " if finding["trouble"] == "stale" else ""
    if offset < 0:
        where = f"{amount(-offset)} before"
    elif offset >= block["size"] and offset > 0:
        where = f"{amount(offset - block['size'])} past the end of"
    else:
        where = f"at offset {offset} of"
    return f"{where} the {age}block of {amount(block['size'])}"


def lost(finding):
    size = finding.get("block", {}).get("size", 0)
    yield (f"  lost by this realloc of {finding['address']} from {size} to "
           f"{amount(finding['requested_size'])}, which returned NULL and left the block as it was, "
           f"by thread {finding['thread']['number']}: its result overwrote the only pointer, or no "
           "other one was kept")
    yield from frames_of(finding)


def leak(finding):
    facts = finding["leak"]
    line = f"  leaked{'' if facts['direct_blocks'] else ' indirectly'} at the end of the process, "
    if facts["direct_blocks"] + facts["indirect_blocks"] > 1:
        both = facts["direct_blocks"] and facts["indirect_blocks"]
        line += f"the largest of these blocks{' that nothing points to' if both else ''}: "
    size = finding.get("block", {}).get("size", 0)
    yield f"{line}{amount(size)} at {finding['address']}" + by_thread(facts)
    yield from frames_of(finding)


def overrun(finding):
    block, damage, operation = finding["block"], finding["damage"], finding["operation"]
    is_call = operation not in ("fork", "exit")
    line = f"  {'' if is_call else 'at '}{operation} {'of' if is_call else 'of the process, behind'} "
    line += f"{block['address']}, byte {block['size'] + damage['offset']} was found changed, "
    line += "the first" if damage["offset"] == 0 else str(damage["offset"])
    line += f" past the end of the block of {amount(block['size'])}"
    if damage["count"] > 1:
        line += f", and {damage['count'] - 1} more"
    yield f"{line}, {who(finding)}"
    if is_call:
        yield from frames_of(finding)


def access(finding):
    operation = finding["operation"]
    line = "  " + operation
    if "access_size" in finding:
        line += f" of {amount(finding['access_size'])}"
    line += f" {'at' if operation in OPERATIONS_ON_MEMORY else 'of'} {finding['address']}"
    if "system_call" in finding:
        call = finding["system_call"]
        line += f" by the system, for {call['function']} (argument {call['argument']})"
    if "block" in finding:
        line += ", " + position(finding)
    yield f"{line}, {who(finding)}"
    yield from frames_of(finding)


def end_of(block):
    if "in_realloc" in block:
        yield "  in realloc" + by_thread(block["in_realloc"])
        yield from frames_of(block["in_realloc"])
    if "moved" in block:
        moved = block["moved"]
        to_size = f" to {moved['to_size']}" if "to_size" in moved else ""
        yield (f"  moved by realloc from {block['size']}{to_size} bytes, to {moved['to_address']}"
               + by_thread(moved))
        yield from frames_of(moved)
    if "freed" in block:
        freed = block["freed"]
        yield ("  freed by realloc(pointer, 0)" + by_thread(freed) if freed["by"] == "realloc"
               else "  freed" + by_thread(freed, " "))
        yield from frames_of(freed)


def today(finding):
    now = finding["today"]
    again = f", moved {now['moves']} more time{plural(now['moves'])}," if now["moves"] else ""
    line = f"  today the block{again} "
    if now["state"] == "live":
        yield line + f"is live at {now['address']} ({amount(now['size'])})"
        return
    by_realloc = " by realloc(pointer, 0)" if now["state"] == "released" else ""
    yield f"{line}is gone: freed{by_realloc}" + by_thread(now, " ")
    if "stack" in now:
        yield from frames_of(now)


def allocated(block):
    moves = block["moves_before"]
    times = f"moved {moves} time{plural(moves)} before that"
    if block.get("allocated_unknown") == "gone":
        yield ("  who allocated it is not known any more: of a block that is long gone only who "
               "freed it is kept")
    elif "allocated_unknown" in block:
        yield (f"  {times + '; ' if moves else ''}who allocated it was dropped: such details are kept "
               f"of the last {block['history']} blocks that realloc moved; the option history=N keeps "
               "those of the last N")
    else:
        event = block["allocated"]
        yield (f"  allocated ({amount(event['size'])}) by thread {event['thread']}"
               + (f", and {times}" if moves else ""))
        yield from frames_of(event)


def life_step(step):
    size = step.get("size")
    line = f"{size:10} byte{plural(size) or ' '}" if size else f"{'?':>10} bytes"
    if step["step"] == "allocated":
        return f"{line}  allocated at {step['place']}"
    if step["step"] == "unknown":
        return f"{line}  what was before is not known any more"
    if step["step"] == "moved" and step["calls"] == 1:
        return f"{line}  moved at {step['place']}"
    if step["step"] == "moved":
        return (f"{line}  moved {step['calls']} times at {step['place']}, first to "
                f"{step.get('first_size', 0)}")
    if step["step"] == "left-out":
        return f"               ...  {step['calls']} more move{plural(step['calls'])}"
    if step["step"] == "used":
        return "                =>  the pointer that was used is from here"
    if step["step"] == "live":
        return "                    live today"
    return "                    freed" + (f" at {step['place']}" if "place" in step else "")


def block_of(finding):
    block = finding["block"]
    yield from end_of(block)
    if "hint" in finding:
        yield "       " + finding["hint"]
    if "today" in finding:
        yield from today(finding)
    if "shrunk" in block:
        yield (f"  made smaller by realloc, from {block['shrunk']['from_size']} to {block['size']} "
               "bytes")
        yield from frames_of(block["shrunk"])
    if finding["trouble"] != "leak" or block["moves_before"]:
        yield from allocated(block)
    if "life" in finding:
        yield "  life of the block"
        yield from map(life_step, finding["life"])


def finding_as_text(finding):
    yield f"=={finding['pid']}== {finding['title']}: {finding['message']}"
    what = {"lost": lost, "overrun": overrun, "leak": leak}.get(finding["trouble"], access)
    yield from what(finding)
    if "failed_realloc" in finding:
        failed = finding["failed_realloc"]
        yield (f"  failed: this realloc to {amount(failed['size'])}, the last one of the thread, "
               "which returned NULL")
        yield from frames_of(failed)
    if "block" in finding:
        yield from block_of(finding)
    yield "  advice: " + finding["advice"]
    yield ""


def summary_as_text(summary, options):
    begin = f"=={summary['pid']}== realloc_guard: "
    misuses, occurrences, moves = (summary[key] for key in ("misuses", "occurrences", "moves"))
    suppressed = f", {summary['suppressed']} suppressed" if "suppressed" in summary else ""
    line = (f"{begin}{misuses} misuse{plural(misuses)} reported ({occurrences} "
            f"occurrence{plural(occurrences)}){suppressed}; {moves} block{plural(moves)} moved by realloc "
            f"({summary['moves_that_fitted']} would have fitted), {summary['left_in_place']} left in "
            f"place, sealed by {summary['sealed_by']}")
    if "sealed_by_mprotect" in summary:
        line += f" ({summary['sealed_by_mprotect']} by mprotect, where guard markers were refused)"
    yield line
    if "symbolizer_failure" in summary:
        yield (f"{begin}the helper that looks up source lines {summary['symbolizer_failure']}; reports "
               "show functions and offsets")
    if "lost_lines" in summary:
        count = summary["lost_lines"]
        yield (f"{begin}{count} line{plural(count)} of reports could not be written and "
               f"{'is' if count == 1 else 'are'} lost")
    if "lapsed" in summary:
        lapsed = summary["lapsed"]
        what = "moved or freed" if options.get("seal_freed") == "1" else "moved"
        yield (f"{begin}{lapsed['count']} of {lapsed['of']} {what} blocks could not be sealed by "
               f"{summary['sealed_by']}, the first after {lapsed['first_after']}; uses of those were "
               "not seen")


def as_text(events):
    """The text report, but for its colours."""
    lines = []
    options = {}
    for event in events:
        if event["event"] == "start":
            options = event["options"]
        elif event["event"] == "finding":
            lines += finding_as_text(event)
        elif event["event"] == "note":
            lines.append(f"=={event['pid']}== realloc_guard: {event['text']}")
        elif event["event"] == "summary":
            lines += summary_as_text(event, options)
    return "\n".join(lines) + "\n"
