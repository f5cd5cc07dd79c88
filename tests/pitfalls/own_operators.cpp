// SPDX-License-Identifier: MIT
// A program with operators of its own around malloc: malloc and realloc are still the guard's.
// REPORT: stale read; access=read; moved=moved; now=live
#include <cstdio>
#include <cstdlib>
#include <new>

static int calls;

void *operator new(std::size_t size) {
    calls++;
    return std::malloc(size);
}

void operator delete(void *block) noexcept {
    std::free(block);
}

void operator delete(void *block, std::size_t) noexcept {
    std::free(block);
}

int main() {
    char *volatile old = static_cast<char *>(operator new(10));
    void *now = std::realloc(old, 20); // HERE: moved
    volatile char byte = old[3];       // HERE: read
    std::printf("own operators: %d\n", calls);
    operator delete(now);
    return 0;
}
