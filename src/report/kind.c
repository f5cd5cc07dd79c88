// SPDX-License-Identifier: MIT
// The kinds of findings: for a person, and for a program, whose names of them never change. Pure.
#include "report/finding.h"

#include "base/compiler.h"

struct kind {
    const char *title, *id;
};

// What is empty cannot be.
#define RG_KIND(operation, trouble, title, id)                                                     \
    [RG_OP_##operation][RG_TROUBLE_##trouble] = {title, id},
#define RG_KIND_OF_ANY(trouble, title, id)
static const struct kind kinds[RG_OP_EXIT + 1][RG_TROUBLE_TROUBLES] = {
#include "base/kinds.def"
};
#undef RG_KIND
#undef RG_KIND_OF_ANY

#define RG_KIND(operation, trouble, title, id)
#define RG_KIND_OF_ANY(trouble, title, id) [RG_TROUBLE_##trouble] = {title, id},
static const struct kind of_any[RG_TROUBLE_TROUBLES] = {
#include "base/kinds.def"
};
#undef RG_KIND
#undef RG_KIND_OF_ANY

static struct kind find(const struct rg_finding *f) {
    enum rg_operation operation = f->operation;
    if (of_any[f->trouble].id) {
        return of_any[f->trouble];
    }
    // Of calls there is none: another thread's realloc has come in between.
    if (f->trouble == RG_TROUBLE_BEYOND && operation > RG_OP_EXECUTE) {
        operation = RG_OP_EXECUTE;
    }
    return operation < RG_ARRAY_LEN(kinds) ? kinds[operation][f->trouble] : (struct kind){0};
}

const char *rg_finding_kind(const struct rg_finding *f) {
    struct kind k = find(f);
    return k.title ? k.title : "";
}

const char *rg_finding_kind_id(const struct rg_finding *f) {
    struct kind k = find(f);
    return k.id ? k.id : "";
}
