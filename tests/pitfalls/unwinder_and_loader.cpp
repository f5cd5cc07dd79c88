// SPDX-License-Identifier: MIT
// The unwinder that walks a throw and the loader share a lock, and the guard records a stack at each
// allocation: threads that open and close a library and throw, against threads that allocate. Must stay
// silent and must not hang.
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <dlfcn.h>
#include <string>
#include <thread>
#include <vector>

static std::atomic<bool> stop;

static void allocate() {
    char *block = nullptr;
    for (size_t i = 0; !stop; i++) {
        block = static_cast<char *>(std::realloc(block, 1 + i * 7 % 5000));
        block[0] = 'x';
    }
    std::free(block);
}

static void load_and_throw(const char *plugin, int rounds, std::atomic<int> *caught) {
    for (int i = 0; i < rounds; i++) {
        void *handle = dlopen(plugin, RTLD_NOW);
        auto function = reinterpret_cast<int (*)(int)>(dlsym(handle, "throw_and_catch"));
        *caught += function(i) == i;
        dlclose(handle);
        try {
            throw std::string("from the program itself");
        } catch (const std::string &) {
            ++*caught;
        }
    }
}

int main(int argc, char **argv) {
    std::atomic<int> caught{0};
    std::vector<std::thread> allocating;
    std::vector<std::thread> loading;
    for (int i = 0; i < 2; i++) {
        allocating.emplace_back(allocate);
        loading.emplace_back(load_and_throw, argv[1], 1000, &caught);
    }
    for (auto &thread : loading) {
        thread.join();
    }
    stop = true;
    for (auto &thread : allocating) {
        thread.join();
    }
    std::printf("caught: %d\n", caught.load());
    return 0;
}
