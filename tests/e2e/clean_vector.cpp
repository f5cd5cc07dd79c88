// SPDX-License-Identifier: MIT
// Nothing is wrong here: a vector-like class over realloc whose iterators are taken anew after growth,
// and every form of operator new and delete. Must stay silent.
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <new>
#include <string>
#include <vector>

struct alignas(64) line {
    char bytes[64];
};

static void use_all_forms_of_new() {
    std::unique_ptr<int> one(new int(1));
    std::unique_ptr<int[]> many(new int[100]());
    std::unique_ptr<line> aligned(new line());
    std::unique_ptr<line[]> aligned_many(new line[10]());
    int *quiet = new (std::nothrow) int[5]();
    line *aligned_quiet = new (std::nothrow) line();
    bool is_aligned = reinterpret_cast<std::uintptr_t>(aligned.get()) % 64 == 0 &&
                      reinterpret_cast<std::uintptr_t>(aligned_many.get()) % 64 == 0 &&
                      reinterpret_cast<std::uintptr_t>(aligned_quiet) % 64 == 0;
    std::printf("%d %d %d aligned %d\n", *one, many[99], quiet[4], is_aligned);
    delete[] quiet;
    delete aligned_quiet;
    void *sized = ::operator new(40);
    ::operator delete(sized, static_cast<std::size_t>(40));
}

static void fail_to_allocate() {
    volatile std::size_t huge = SIZE_MAX / 2;
    try {
        void *volatile none = ::operator new(huge);
        std::printf("got %p\n", none);
    } catch (const std::bad_alloc &) {
        std::puts("bad_alloc");
    }
    void *volatile quiet = ::operator new(huge, std::nothrow);
    std::puts(quiet ? "a block" : "null");
}

int main() {
    int *data = nullptr;
    for (std::size_t size = 1; size <= 4096; size *= 2) {
        data = static_cast<int *>(std::realloc(data, size * sizeof(int)));
        int *last = data + size - 1;
        *last = static_cast<int>(size);
    }
    std::printf("%d\n", data[4095]);
    std::free(data);

    std::vector<std::string> words;
    for (int i = 0; i < 1000; i++) {
        words.push_back("a word long enough to need memory of its own " + std::to_string(i));
    }
    std::puts(words[999].c_str());
    use_all_forms_of_new();
    fail_to_allocate();
    return 0;
}
