// SPDX-License-Identifier: MIT
// Each block is ended by what belongs to it, also after a new that failed at first.
// OPTIONS: mismatch=1
#include "doctor.h"

#include <memory>
#include <new>
#include <string>
#include <vector>

static void work(void) {
    char *volatile block = new char[block_size];
    delete[] block;
    block = (char *)operator new(block_size);
    operator delete(block);
    block = (char *)operator new(block_size, std::align_val_t(64));
    operator delete(block, std::align_val_t(64));
    block = new (std::nothrow) char[block_size];
    delete[] block;
    block = (char *)realloc(malloc(block_size), block_size * 2);
    free(block);
    std::vector<std::string> words;
    for (size_t i = 0; i < 100; i++) {
        words.push_back(std::string(block_size / 20 + i, 'x'));
    }
    std::unique_ptr<char[]> owned(new char[block_size]);
    auto shared = std::make_shared<std::vector<char>>(block_size);
    printf("%zu %zu\n", words.size(), shared->size());
}
