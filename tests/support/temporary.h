// SPDX-License-Identifier: MIT
// Names of temporary files.
#ifndef TESTS_PITFALLS_TEMPORARY_H
#define TESTS_PITFALLS_TEMPORARY_H

// The end of a template, which mkstemp and its kin replace.
// clang-format off
#define SIX_X "XX" "XX" "XX"
// clang-format on

#endif
