// SPDX-License-Identifier: MIT
// A program that closes every library it can find a handle of must not get the guard unloaded: its blocks,
// seals and handlers would be gone. Must still report.
// REPORT: stale read; access=read; now=live
#include "stale.h"
#include <dlfcn.h>
#include <stdio.h>

int main(void) {
    Dl_info info;
    char *old = make_stale(40);
    if (!dladdr(dlsym(RTLD_DEFAULT, "realloc"), &info)) {
        return 1;
    }
    for (int i = 0; i < 10; i++) {
        void *handle = dlopen(info.dli_fname, RTLD_NOW | RTLD_NOLOAD);
        if (handle) {
            dlclose(handle);
            dlclose(handle);
        }
    }
    volatile char byte = *old; // HERE: read
    puts("end");
    return 0;
}
