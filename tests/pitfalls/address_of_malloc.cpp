// SPDX-License-Identifier: MIT
// A program at fixed addresses that takes the addresses of malloc's family: its own jumps to them are
// malloc then, wherever malloc is looked up, though it has no malloc of its own. operator new must be
// the guard's all the same, and not be passed on to the C++ library.
// REPORT: stale delete; access=access; moved=moved; allocated=allocated; now=live
// TEXT: allocated .30 bytes. by thread 0\n    => #0 main
// NATIVE: undefined
#include <cstdio>
#include <cstdlib>
#include <new>

int main() {
    // In code, since in data the addresses would be those of the functions themselves.
    void *(*volatile taken)(std::size_t) = std::malloc;
    void *(*volatile resize)(void *, std::size_t) = std::realloc;
    void (*volatile released)(void *) = std::free;
    void *block = taken(10);
    released(resize(block, 20));
    void *p = operator new(30); // HERE: allocated
    resize(p, 60);              // HERE: moved
    operator delete(p);         // HERE: access
    std::puts("done");
    return 0;
}
