// SPDX-License-Identifier: MIT
// Words of command lines, for people to use again.
#ifndef RG_TOOLS_SHELL_WORD_H
#define RG_TOOLS_SHELL_WORD_H

// The word as a shell takes it, quoted where it must be. To be freed.
char *rg_shell_word(const char *word);

#endif
