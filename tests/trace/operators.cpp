// SPDX-License-Identifier: MIT
// The operators of C++.
#include "told.h"

#include <new>

struct alignas(64) Wide {
    char byte[64];
};

int main() {
    int *one = new int(1);
    tell("alloc new %p 4\n", (void *)one);
    tell("free delete %p\n", (void *)one);
    delete one;
    char *many = new char[300];
    tell("alloc new[] %p 300\n", (void *)many);
    tell("free delete[] %p\n", (void *)many);
    delete[] many;
    Wide *wide = new (std::nothrow) Wide;
    tell("alloc new %p 64\n", (void *)wide);
    tell("free delete %p\n", (void *)wide);
    delete wide;
    return 0;
}
