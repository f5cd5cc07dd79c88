// SPDX-License-Identifier: MIT
// The loader's lock is held while a plug-in's constructor waits for another thread, which must not need
// that lock where the C library does not. Must stay silent and end.
#include <dlfcn.h>
#include <stdio.h>

int main(int argc, char **argv) {
    if (argc < 2 || !dlopen(argv[1], RTLD_NOW)) {
        return 1;
    }
    puts("opened");
    return 0;
}
