// SPDX-License-Identifier: MIT
// The sentence that ends a report: what to do, in plain words. Pure.
#include "report/text.h"

static const char *pointer_phrase(const struct rg_finding *f) {
    switch (f->operation) {
    case RG_OP_FREE:
        return "where this free takes its pointer from";
    case RG_OP_DELETE:
    case RG_OP_DELETE_ARRAY:
        return "where this delete takes its pointer from";
    case RG_OP_REALLOC:
        return "where this realloc takes its pointer from";
    case RG_OP_USABLE_SIZE:
        return "where this call takes its pointer from";
    case RG_OP_READ:
    case RG_OP_WRITE:
    case RG_OP_EXECUTE:
    case RG_OP_FORK:
    case RG_OP_EXIT:
        break;
    }
    return "where this access takes its pointer from";
}

static void put_stale(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    if (f->block.state == RG_BLOCK_RELEASED) {
        rg_buf_str(b, "realloc with size 0 at ");
        rg_text_put_place(b, &s->moved);
        rg_buf_str(b,
                   " has freed the block; use free there and do not use the pointer afterwards.");
        return;
    }
    rg_buf_str(b, "the result of the realloc at ");
    rg_text_put_place(b, &s->moved);
    rg_buf_fmt(b, " was not stored back %s.", pointer_phrase(f));
    // Library functions wander through a block by themselves; the person's own code has a reason.
    if (f->block.address != f->address && f->operation <= RG_OP_EXECUTE && s->access.own == 0) {
        rg_buf_str(b, " A pointer into the middle of a block moves with it: compute it anew after "
                      "realloc.");
    }
}

static void put_family(struct rg_buf *b, const struct rg_finding *f) {
    static const char *const ends[] = {[RG_FAMILY_MALLOC] = "free",
                                       [RG_FAMILY_NEW] = "delete",
                                       [RG_FAMILY_NEW_ARRAY] = "delete[]",
                                       [RG_FAMILY_ALIGNED] = "free"};
    rg_buf_fmt(b, "what %s returned is to be ended with %s%s.", rg_text_family(f->block.family),
               ends[f->block.family],
               f->block.family == RG_FAMILY_NEW_ARRAY
                   ? ", which runs the destructor of each element"
               : f->operation == RG_OP_REALLOC ? "; to grow it, allocate, copy and delete"
                                               : "");
}

// Of calls that are wrong whatever pointer they are given, or fail.
static void put_other(struct rg_buf *b, const struct rg_story *s) {
    switch (s->finding->trouble) {
    case RG_TROUBLE_ZERO:
        rg_buf_str(b, "what this does differs between C libraries, and C23 leaves it undefined: "
                      "here it frees the "
                      "block and returns NULL; call free, or ask for 1 byte at least.");
        break;
    case RG_TROUBLE_SIZED:
        rg_buf_str(b,
                   "the block is ended as something else than it was created as: give a base "
                   "class a virtual destructor, or delete it through a pointer of its own type.");
        break;
    case RG_TROUBLE_ALIGNED:
        rg_buf_str(b, "what realloc returns is aligned to 16 bytes and no more: allocate a new "
                      "aligned block, copy, and free this one.");
        break;
    case RG_TROUBLE_LOST:
        rg_buf_str(b, "keep the old pointer until the result is known: q = realloc(p, n); if (!q) "
                      "free p or go on with "
                      "it; else p = q.");
        break;
    case RG_TROUBLE_RESULT:
        rg_buf_str(b, "check what the realloc at ");
        rg_text_put_place(b, &s->moved);
        rg_buf_str(
            b,
            " returns: NULL means that there is no memory, and that the old block is still there.");
        break;
    case RG_TROUBLE_SIZE:
        rg_buf_str(b, "the call fails, and the block stays as it is; check how the size is "
                      "computed, before the "
                      "call.");
        break;
    case RG_TROUBLE_BUSY:
        rg_buf_str(b, "two threads use one block at a time; let one of them own it, or hold a lock "
                      "around both "
                      "calls.");
        break;
    default:
        break;
    }
}

void rg_text_put_advice(struct rg_buf *b, const struct rg_story *s) {
    const struct rg_finding *f = s->finding;
    switch (f->trouble) {
    case RG_TROUBLE_STALE:
        put_stale(b, s);
        break;
    case RG_TROUBLE_FREED:
        rg_buf_str(b, "the block was freed at ");
        rg_text_put_place(b, &s->moved);
        rg_buf_str(b, f->operation <= RG_OP_EXECUTE
                          ? " already; free it later, or do not use it after that."
                          : " already; decide which of the two owns it, and set the other pointer "
                            "to NULL.");
        break;
    case RG_TROUBLE_INTERIOR:
        if (f->has_block && rg_state_is_stale(f->block.state)) {
            rg_buf_str(b, "the block has been moved or freed by the realloc at ");
            rg_text_put_place(b, &s->moved);
            rg_buf_str(
                b, "; pass the pointer that this returned, not one into the middle of what was.");
        } else if (f->has_block) {
            rg_buf_fmt(b, "pass the pointer that the allocation returned, 0x%lx.",
                       f->block.address);
        } else {
            rg_buf_str(b, "pass the pointer that the allocation returned.");
        }
        break;
    case RG_TROUBLE_FOREIGN:
        rg_buf_str(b,
                   "only what malloc and its kin returned may be passed here; this is the address "
                   "of a variable, of memory from elsewhere, or not an address at all.");
        break;
    case RG_TROUBLE_FAMILY:
        put_family(b, f);
        break;
    case RG_TROUBLE_BEYOND:
    case RG_TROUBLE_OVERRUN:
        rg_text_put_past_end_advice(b, s);
        break;
    case RG_TROUBLE_LEAK:
        rg_text_put_leak_advice(b, s);
        break;
    case RG_TROUBLE_ZERO:
    case RG_TROUBLE_SIZED:
    case RG_TROUBLE_ALIGNED:
    case RG_TROUBLE_LOST:
    case RG_TROUBLE_RESULT:
    case RG_TROUBLE_SIZE:
    case RG_TROUBLE_BUSY:
        put_other(b, s);
        break;
    case RG_TROUBLE_TROUBLES:
        break;
    }
}
