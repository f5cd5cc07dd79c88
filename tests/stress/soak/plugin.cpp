// SPDX-License-Identifier: MIT
// A plug-in of the soak: allocates, and throws within itself. Built twice, under two names.
#include <cstdlib>

extern "C" void *plugin_make(size_t size) {
    void *other = malloc(size + 1);
    void *block = malloc(size);
    free(other);
    return block;
}

[[gnu::noinline]] static void throw_it(int value) {
    throw value;
}

extern "C" int plugin_throw(int value) {
    try {
        throw_it(value);
    } catch (int caught) {
        return caught;
    }
    return -1;
}
