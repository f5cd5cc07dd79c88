// SPDX-License-Identifier: MIT
// Blocks whose every byte is known. Small ones are looked at byte by byte, others at both ends and on
// each page.
#include "soak.h"

#include <cstdlib>
#include <cstring>
#include <new>
#include <sys/uio.h>
#include <unistd.h>

static const size_t HALF_A_PAGE = 2048, PAGE = 4096;

uint64_t random_numbers::next() {
    uint64_t x = state += 0x9e3779b97f4a7c15UL;
    x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9UL;
    x = (x ^ x >> 27) * 0x94d049bb133111ebUL;
    return x ^ x >> 31;
}

// Mostly small, with every order of magnitude up to 1 MiB.
size_t random_size(random_numbers &r) {
    size_t kind = r.below(1000);
    size_t most = kind < 700 ? 600 : kind < 930 ? 5000 : kind < 998 ? 40000 : MIB;
    return 1 + r.below(most);
}

static size_t stride_of(size_t size) {
    return size < 600 ? 1 : size < 20000 ? 61 : 4093;
}

static unsigned char byte_of(const block &b, size_t i) {
    uint64_t mark = (b.id ^ b.size) * 0x9e3779b97f4a7c15UL;
    return static_cast<unsigned char>(mark >> (i % 7 * 8) ^ i);
}

static void fill(const block &b) {
    for (size_t i = 0, stride = stride_of(b.size); i < b.size; i += stride) {
        b.at[i] = byte_of(b, i);
    }
    b.at[b.size - 1] = byte_of(b, b.size - 1);
}

// The first `known` bytes at `at` must be those of b.
static void check(const block &b, const unsigned char *at, size_t known) {
    for (size_t i = 0, stride = stride_of(b.size); i < known; i += stride) {
        if (at[i] != byte_of(b, i)) {
            fail("a byte is not what was written", &b, i);
        }
    }
    if (known == b.size && at[known - 1] != byte_of(b, known - 1)) {
        fail("the last byte is not what was written", &b, known - 1);
    }
}

void check_block(const block &b) {
    check(b, b.at, b.size);
}

void change_block(block &b, random_numbers &r) {
    check_block(b);
    b.id = r.next();
    fill(b);
}

block adopt_block(void *at, size_t size, random_numbers &r) {
    block b{static_cast<unsigned char *>(at), size, r.next(), family::malloc};
    if (!at) {
        fail("there was no memory", &b);
    }
    fill(b);
    return b;
}

static void *make_aligned(size_t size, random_numbers &r) {
    // Seldom beyond a page: such blocks have mappings of their own.
    size_t align = size_t{32} << r.below(r.below(16) == 0 ? 17 : 8);
    void *at = nullptr;
    if (posix_memalign(&at, align, size) != 0 || reinterpret_cast<uintptr_t>(at) % align != 0) {
        fail("an aligned block is not aligned, or there was no memory");
    }
    return at;
}

static void *make_cleared(size_t size) {
    auto *at = static_cast<unsigned char *>(calloc(1, size));
    for (size_t i = 0, stride = stride_of(size); at && i < size; i += stride) {
        if (at[i] != 0) {
            fail("calloc left a byte that is not zero");
        }
    }
    return at;
}

block make_block(random_numbers &r) {
    size_t size = random_size(r);
    size_t kind = r.below(16);
    if (kind == 0) {
        return adopt_block(make_aligned(size, r), size, r);
    }
    if (kind < 4) {
        return adopt_block(make_cleared(size), size, r);
    }
    if (kind < 7) {
        block b = adopt_block(operator new(size), size, r);
        b.from = family::operator_new;
        return b;
    }
    return adopt_block(malloc(size), size, r);
}

block make_large_block(random_numbers &r) {
    size_t size = MIB + 1 + r.below(2 * MIB);
    return adopt_block(malloc(size), size, r);
}

static bool is_accessible(uintptr_t at) {
    char byte;
    iovec to{&byte, 1}, from{reinterpret_cast<void *>(at), 1};
    return process_vm_readv(getpid(), &to, 1, &from, 1, 0) == 1;
}

void check_vacated(const worker &w) {
    for (uintptr_t at : w.vacated) {
        if (options.sealed && at && is_accessible(at)) {
            fail("an address that realloc vacated is accessible");
        }
    }
}

static void count_move(worker &w, uintptr_t from, size_t size) {
    uint64_t pages = (size + PAGE - 1) / PAGE;
    w.vacated[w.random.below(VACATED)] = from;
    if (size <= HALF_A_PAGE) {
        w.count.moved_small++;
    } else if (size <= MIB) {
        w.count.moved_pages++;
        w.count.pages_of_pages += pages;
    } else {
        w.count.moved_large++;
        w.count.pages_of_large += pages;
    }
}

// The same, a little more or less, twice or half, or anything.
static size_t next_size(size_t size, random_numbers &r) {
    size_t kind = r.below(12);
    size_t next = kind < 4    ? size
                  : kind < 7  ? size + r.below(100)
                  : kind < 9  ? size - r.below(size < 100 ? size : 100)
                  : kind == 9 ? size * 2
                  : kind < 11 ? size / 2
                              : random_size(r);
    size_t least = size > MIB ? MIB + 1 : 1, most = size > MIB ? 4 * MIB : MIB;
    return next < least ? least : next > most ? most : next;
}

void resize_block(worker &w, block &b) {
    size_t size = next_size(b.size, w.random);
    check_block(b);
    if (!options.moves || b.from != family::malloc) {
        // What realloc would do.
        void *at = malloc(size);
        size_t kept = size < b.size ? size : b.size;
        if (at) {
            memcpy(at, b.at, kept);
            check(b, static_cast<unsigned char *>(at), kept);
        }
        end_block(w, b);
        b = adopt_block(at, size, w.random);
        return;
    }
    auto old = reinterpret_cast<uintptr_t>(b.at);
    auto *at = static_cast<unsigned char *>(realloc(b.at, size));
    if (!at) {
        fail("there was no memory to move a block", &b);
    }
    check(b, at, size < b.size ? size : b.size);
    if (reinterpret_cast<uintptr_t>(at) != old) {
        count_move(w, old, b.size);
    } else if (options.always) {
        fail("realloc left a block where it was", &b);
    }
    b = adopt_block(at, size, w.random);
}

void end_block(worker &w, block &b) {
    if (!b.at) {
        return;
    }
    check_block(b);
    if (b.from == family::operator_new) {
        operator delete(b.at);
    } else if (options.moves && w.random.below(6400) < options.resizes * 2) {
        auto old = reinterpret_cast<uintptr_t>(b.at);
        if (realloc(b.at, 0) != nullptr) {
            fail("realloc to nothing gave a block", &b);
        }
        count_move(w, old, b.size);
    } else {
        free(b.at);
    }
    b = block{};
}
