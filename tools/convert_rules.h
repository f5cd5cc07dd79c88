// SPDX-License-Identifier: MIT
// What kinds of misuse mean, for formats that have a rule for each.
#ifndef RG_TOOLS_CONVERT_RULES_H
#define RG_TOOLS_CONVERT_RULES_H

// A sentence or two for what the guard calls "trouble", of which a kind is made; of one that is not known a general one.
struct rg_rule_text {
    const char *trouble;
    const char *what; // is wrong
    const char *help; // what to do
};

const struct rg_rule_text *rg_rule_text(const char *trouble);

#endif
