// SPDX-License-Identifier: MIT
// Names of temporary files.
#ifndef TESTS_SUPPORT_TEMPORARY_H
#define TESTS_SUPPORT_TEMPORARY_H

// The end of a template, which mkstemp and its kin replace.
// clang-format off
#define SIX_X "XX" "XX" "XX"
// clang-format on

#endif
