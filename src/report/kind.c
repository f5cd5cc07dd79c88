// SPDX-License-Identifier: MIT
// The kinds of findings: for a person, and for a program, whose names of them never change. Pure.
#include "report/finding.h"

#include "base/compiler.h"

struct kind {
    const char *title, *id;
};

static const struct kind past_end[] = {
    [RG_OP_READ] = {"read past the end", "read-past-end"},
    [RG_OP_WRITE] = {"write past the end", "write-past-end"},
    [RG_OP_EXECUTE] = {"execution past the end", "execution-past-end"},
};

// The rest. What is empty cannot be.
static const struct kind kinds[][RG_TROUBLE_TROUBLES] =
    {
        [RG_OP_READ] =
            {
                [RG_TROUBLE_STALE] = {"stale read", "stale-read"},
                [RG_TROUBLE_FREED] = {"read after free", "read-after-free"},
            },
        [RG_OP_WRITE] =
            {
                [RG_TROUBLE_STALE] = {"stale write", "stale-write"},
                [RG_TROUBLE_FREED] = {"write after free", "write-after-free"},
            },
        [RG_OP_EXECUTE] =
            {
                [RG_TROUBLE_STALE] = {"stale execution", "stale-execution"},
                [RG_TROUBLE_FREED] = {"execution after free", "execution-after-free"},
            },
        [RG_OP_FREE] =
            {
                [RG_TROUBLE_STALE] = {"stale free", "stale-free"},
                [RG_TROUBLE_FREED] = {"double free", "double-free"},
                [RG_TROUBLE_INTERIOR] = {"free of a pointer that is not the start of a block",
                                         "interior-free"},
                [RG_TROUBLE_FOREIGN] = {"free of something never allocated", "foreign-free"},
                [RG_TROUBLE_FAMILY] = {"mismatched free", "mismatched-free"},
                [RG_TROUBLE_BUSY] = {"concurrent free", "concurrent-free"},
                [RG_TROUBLE_SIZED] = {"free of another size", "wrong-size-free"},
            },
        [RG_OP_REALLOC] =
            {
                [RG_TROUBLE_STALE] = {"stale realloc", "stale-realloc"},
                [RG_TROUBLE_FREED] = {"realloc of a freed block", "realloc-after-free"},
                [RG_TROUBLE_INTERIOR] = {"realloc of a pointer that is not the start of a block",
                                         "interior-realloc"},
                [RG_TROUBLE_FOREIGN] = {"realloc of something never allocated", "foreign-realloc"},
                [RG_TROUBLE_FAMILY] = {"mismatched realloc", "mismatched-realloc"},
                [RG_TROUBLE_ZERO] = {"realloc to nothing", "realloc-to-nothing"},
                [RG_TROUBLE_SIZE] = {"impossible realloc", "impossible-realloc"},
                [RG_TROUBLE_BUSY] = {"concurrent realloc", "concurrent-realloc"},
                [RG_TROUBLE_ALIGNED] = {"realloc of an aligned block", "aligned-realloc"},
            },
        [RG_OP_USABLE_SIZE] =
            {
                [RG_TROUBLE_STALE] = {"stale malloc_usable_size", "stale-usable-size"},
                [RG_TROUBLE_FREED] = {"malloc_usable_size of a freed block",
                                      "usable-size-after-free"},
                [RG_TROUBLE_INTERIOR] =
                    {"malloc_usable_size of a pointer that is not the start of a block",
                     "interior-usable-size"},
                [RG_TROUBLE_FOREIGN] = {"malloc_usable_size of something never allocated",
                                        "foreign-usable-size"},
            },
        [RG_OP_DELETE] =
            {
                [RG_TROUBLE_STALE] = {"stale delete", "stale-delete"},
                [RG_TROUBLE_FREED] = {"double delete", "double-delete"},
                [RG_TROUBLE_INTERIOR] = {"delete of a pointer that is not the start of a block",
                                         "interior-delete"},
                [RG_TROUBLE_FOREIGN] = {"delete of something never allocated", "foreign-delete"},
                [RG_TROUBLE_FAMILY] = {"mismatched delete", "mismatched-delete"},
                [RG_TROUBLE_BUSY] = {"concurrent delete", "concurrent-delete"},
                [RG_TROUBLE_SIZED] = {"delete of another size", "wrong-size-delete"},
            },
        [RG_OP_DELETE_ARRAY] =
            {
                [RG_TROUBLE_STALE] = {"stale delete[]", "stale-delete-array"},
                [RG_TROUBLE_FREED] = {"double delete[]", "double-delete-array"},
                [RG_TROUBLE_INTERIOR] = {"delete[] of a pointer that is not the start of a block",
                                         "interior-delete-array"},
                [RG_TROUBLE_FOREIGN] = {"delete[] of something never allocated",
                                        "foreign-delete-array"},
                [RG_TROUBLE_FAMILY] = {"mismatched delete[]", "mismatched-delete-array"},
                [RG_TROUBLE_BUSY] = {"concurrent delete[]", "concurrent-delete-array"},
                [RG_TROUBLE_SIZED] = {"delete[] of another size", "wrong-size-delete-array"},
            },
};

static struct kind find(const struct rg_finding *f) {
    static const struct kind overrun = {"overrun", "overrun"}, lost = {"lost block", "lost-block"},
                             result = {"crash after a failed realloc", "failed-realloc-crash"};
    switch (f->trouble) {
    case RG_TROUBLE_OVERRUN:
        return overrun;
    case RG_TROUBLE_LOST:
        return lost;
    case RG_TROUBLE_RESULT:
        return result;
    case RG_TROUBLE_BEYOND:
        return past_end[f->operation <= RG_OP_EXECUTE ? f->operation : RG_OP_EXECUTE];
    default:
        return f->operation < RG_ARRAY_LEN(kinds) ? kinds[f->operation][f->trouble]
                                                  : (struct kind){0};
    }
}

const char *rg_finding_kind(const struct rg_finding *f) {
    struct kind k = find(f);
    return k.title ? k.title : "";
}

const char *rg_finding_kind_id(const struct rg_finding *f) {
    struct kind k = find(f);
    return k.id ? k.id : "";
}
