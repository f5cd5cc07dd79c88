// SPDX-License-Identifier: MIT
// One of two plug-ins that are alike to the byte but for their names. See plugins_at_one_base.c.
#include <stdlib.h>

char *grow_in_b(char *block) {
    return realloc(block, 400);
}
