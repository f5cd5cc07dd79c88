// SPDX-License-Identifier: MIT
// Operators new and delete in all their forms: plain, array, nothrow, sized and aligned, and a size that
// cannot be had, which throws or is NULL. Must stay silent.
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <initializer_list>
#include <new>

static int wrong;

static void *check(void *block, size_t alignment, size_t size) {
    wrong += block == nullptr || reinterpret_cast<std::uintptr_t>(block) % alignment != 0;
    std::memset(block, 'n', size);
    return block;
}

int main() {
    const std::align_val_t by_16{16}, by_4096{4096};
    for (size_t size : {size_t{1}, size_t{100}, size_t{5000}, size_t{500000}}) {
        operator delete(check(operator new(size), 16, size));
        operator delete(check(operator new(size), 16, size), size);
        operator delete(check(operator new(size, std::nothrow), 16, size), std::nothrow);
        operator delete[](check(operator new[](size), 16, size));
        operator delete[](check(operator new[](size), 16, size), size);
        operator delete[](check(operator new[](size, std::nothrow), 16, size), std::nothrow);
        operator delete(check(operator new(size, by_16), 16, size), by_16);
        operator delete(check(operator new(size, by_4096), 4096, size), size, by_4096);
        operator delete(check(operator new(size, by_4096, std::nothrow), 4096, size), by_4096,
                        std::nothrow);
        operator delete[](check(operator new[](size, by_4096), 4096, size), by_4096);
        operator delete[](check(operator new[](size, by_4096), 4096, size), size, by_4096);
        operator delete[](check(operator new[](size, by_4096, std::nothrow), 4096, size), by_4096,
                          std::nothrow);
    }
    operator delete(nullptr);
    volatile size_t huge = PTRDIFF_MAX;
    try {
        operator delete(operator new(huge));
        std::puts("not thrown");
    } catch (const std::bad_alloc &) {
        std::puts("thrown");
    }
    std::printf("nothrow: %d\n", operator new(huge, std::nothrow) == nullptr);
    std::printf("wrong: %d\n", wrong);
    return 0;
}
