// SPDX-License-Identifier: MIT
// dlclose, so that stacks recorded before can still be named after the object has gone, and so that no
// frame rule outlives the code it is about. dlopen is not interposed: it looks at who calls it. No state.
#include "base/compiler.h"
#include "stack/modules.h"
#include "stack/walk.h"

#include <dlfcn.h>
#include <string.h>

RG_EXPORT int dlclose(void *handle) {
    int (*next)(void *);
    void *symbol = dlsym(RTLD_NEXT, "dlclose");
    memcpy(&next, &symbol, sizeof next);
    struct rg_module_list *before = rg_modules_list();
    int ret = next(handle);
    rg_modules_unloaded(before);
    rg_walk_forget();
    return ret;
}
