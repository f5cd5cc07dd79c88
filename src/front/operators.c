// SPDX-License-Identifier: MIT
// operator new and delete in all their forms, under their Itanium ABI names. A failing new is handed to
// the C++ library's own, which calls the new-handler and throws as the standard says; this file is
// compiled with unwind tables that let the exception through. No state.
#include "front/malloc.h"

#include "base/compiler.h"
#include "base/die.h"
#include "base/options.h"
#include "front/thread.h"
#include "heap/heap.h"

#include <dlfcn.h>
#include <link.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

// The failing call once more, by the next definition of the operator; it gets its memory from malloc.
// family: what the memory then belongs to.
#define CALL_NEXT(family, name, arguments, ...)                                                    \
    do {                                                                                           \
        void *(*next)arguments;                                                                    \
        void *symbol = dlsym(RTLD_NEXT, name);                                                     \
        if (!symbol) {                                                                             \
            rg_die("operator new has failed, and no C++ library is there to say so");              \
        }                                                                                          \
        memcpy(&next, &symbol, sizeof next);                                                       \
        void *got = next(__VA_ARGS__);                                                             \
        if (got) {                                                                                 \
            rg_heap_set_family(got, family);                                                       \
        }                                                                                          \
        return got;                                                                                \
    } while (0)

#define DECLARE(type, c_name, abi_name, arguments) RG_EXPORT type c_name arguments __asm__(abi_name)

// Whether the program's malloc is another one (its own, or that of a library loaded first): then the
// operators must stay with it.
enum owner { NOT_LOOKED_UP, OURS, FOREIGN };
static _Atomic int malloc_owner;

// A program at fixed addresses that takes malloc's address has a jump to it where others would have a
// definition. Only the symbol's section tells the two apart.
static bool is_jump(const void *symbol) {
    Dl_info info;
    const ElfW(Sym) *entry = NULL;
    return dladdr1(symbol, &info, (void **)&entry, RTLD_DL_SYMENT) != 0 && entry &&
           entry->st_shndx == SHN_UNDEF;
}

// Whether malloc, as this library calls it, gives blocks of this heap.
static bool block_is_ours(void) {
    size_t size;
    rg_thread_self.trying = true;
    void *p = malloc(1);
    bool is_ours = p && rg_heap_size(p, &size) == RG_OK;
    free(p);
    rg_thread_self.trying = false;
    return is_ours;
}

static RG_COLD enum owner find_owner(void) {
    struct dl_find_object here, there;
    void *symbol = dlsym(RTLD_DEFAULT, "malloc");
    bool differs = symbol && _dl_find_object((void *)(uintptr_t)&rg_allocate, &here) == 0 &&
                   _dl_find_object(symbol, &there) == 0 &&
                   here.dlfo_link_map != there.dlfo_link_map;
    enum owner owner = differs && !(is_jump(symbol) && block_is_ours()) ? FOREIGN : OURS;
    atomic_store(&malloc_owner, owner);
    return owner;
}

__attribute__((constructor)) static void find_owner_early(void) {
    find_owner();
}

static bool malloc_is_ours(void) {
    int owner = atomic_load_explicit(&malloc_owner, memory_order_relaxed);
    return (rg_likely(owner != NOT_LOOKED_UP) ? owner : (int)find_owner()) == OURS;
}

static void *allocate(size_t size, size_t align, enum rg_family family,
                      const struct rg_caller *caller) {
    return malloc_is_ours() ? rg_allocate(size, align, family, false, caller) : NULL;
}

static void release(void *p, enum rg_family family, const struct rg_caller *caller) {
    if (malloc_is_ours()) {
        rg_release(p, family, caller);
    } else {
        // All deletes of the C++ library end in the global free.
        free(p);
    }
}

DECLARE(void *, new_plain, "_Znwm", (size_t));
DECLARE(void *, new_array, "_Znam", (size_t));
DECLARE(void *, new_nothrow, "_ZnwmRKSt9nothrow_t", (size_t, const void *));
DECLARE(void *, new_array_nothrow, "_ZnamRKSt9nothrow_t", (size_t, const void *));
DECLARE(void *, new_aligned, "_ZnwmSt11align_val_t", (size_t, size_t));
DECLARE(void *, new_array_aligned, "_ZnamSt11align_val_t", (size_t, size_t));
DECLARE(void *, new_aligned_nothrow, "_ZnwmSt11align_val_tRKSt9nothrow_t",
        (size_t, size_t, const void *));
DECLARE(void *, new_array_aligned_nothrow, "_ZnamSt11align_val_tRKSt9nothrow_t",
        (size_t, size_t, const void *));
DECLARE(void, delete_plain, "_ZdlPv", (void *));
DECLARE(void, delete_array, "_ZdaPv", (void *));
DECLARE(void, delete_nothrow, "_ZdlPvRKSt9nothrow_t", (void *, const void *));
DECLARE(void, delete_array_nothrow, "_ZdaPvRKSt9nothrow_t", (void *, const void *));
DECLARE(void, delete_sized, "_ZdlPvm", (void *, size_t));
DECLARE(void, delete_array_sized, "_ZdaPvm", (void *, size_t));
DECLARE(void, delete_aligned, "_ZdlPvSt11align_val_t", (void *, size_t));
DECLARE(void, delete_array_aligned, "_ZdaPvSt11align_val_t", (void *, size_t));
DECLARE(void, delete_aligned_nothrow, "_ZdlPvSt11align_val_tRKSt9nothrow_t",
        (void *, size_t, const void *));
DECLARE(void, delete_array_aligned_nothrow, "_ZdaPvSt11align_val_tRKSt9nothrow_t",
        (void *, size_t, const void *));
DECLARE(void, delete_sized_aligned, "_ZdlPvmSt11align_val_t", (void *, size_t, size_t));
DECLARE(void, delete_array_sized_aligned, "_ZdaPvmSt11align_val_t", (void *, size_t, size_t));

static size_t at_least_16(size_t align) {
    return align < 16 ? 16 : align;
}

void *new_plain(size_t size) {
    void *p = allocate(size, 16, RG_FAMILY_NEW, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW, "_Znwm", (size_t), size);
    }
    return p;
}

void *new_array(size_t size) {
    void *p = allocate(size, 16, RG_FAMILY_NEW_ARRAY, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW_ARRAY, "_Znam", (size_t), size);
    }
    return p;
}

void *new_nothrow(size_t size, const void *tag) {
    void *p = allocate(size, 16, RG_FAMILY_NEW, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW, "_ZnwmRKSt9nothrow_t", (size_t, const void *), size, tag);
    }
    return p;
}

void *new_array_nothrow(size_t size, const void *tag) {
    void *p = allocate(size, 16, RG_FAMILY_NEW_ARRAY, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW_ARRAY, "_ZnamRKSt9nothrow_t", (size_t, const void *), size, tag);
    }
    return p;
}

void *new_aligned(size_t size, size_t align) {
    void *p = allocate(size, at_least_16(align), RG_FAMILY_NEW, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW, "_ZnwmSt11align_val_t", (size_t, size_t), size, align);
    }
    return p;
}

void *new_array_aligned(size_t size, size_t align) {
    void *p = allocate(size, at_least_16(align), RG_FAMILY_NEW_ARRAY, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW_ARRAY, "_ZnamSt11align_val_t", (size_t, size_t), size, align);
    }
    return p;
}

void *new_aligned_nothrow(size_t size, size_t align, const void *tag) {
    void *p = allocate(size, at_least_16(align), RG_FAMILY_NEW, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW, "_ZnwmSt11align_val_tRKSt9nothrow_t",
                  (size_t, size_t, const void *), size, align, tag);
    }
    return p;
}

void *new_array_aligned_nothrow(size_t size, size_t align, const void *tag) {
    void *p = allocate(size, at_least_16(align), RG_FAMILY_NEW_ARRAY, &RG_CALLER());
    if (rg_unlikely(!p)) {
        CALL_NEXT(RG_FAMILY_NEW_ARRAY, "_ZnamSt11align_val_tRKSt9nothrow_t",
                  (size_t, size_t, const void *), size, align, tag);
    }
    return p;
}

#define DELETE(c_name, family, arguments, ...)                                                     \
    void c_name arguments {                                                                        \
        __VA_ARGS__                                                                                \
        release(p, RG_FAMILY_##family, &RG_CALLER());                                              \
    }

#define DELETE_SIZED(c_name, family, arguments, ...)                                               \
    void c_name arguments {                                                                        \
        __VA_ARGS__                                                                                \
        if (rg_unlikely(rg_options.mismatch) && malloc_is_ours()) {                                \
            rg_release_sized(p, size, RG_FAMILY_##family, &RG_CALLER());                           \
        } else {                                                                                   \
            release(p, RG_FAMILY_##family, &RG_CALLER());                                          \
        }                                                                                          \
    }

DELETE(delete_plain, NEW, (void *p), )
DELETE(delete_array, NEW_ARRAY, (void *p), )
DELETE(delete_nothrow, NEW, (void *p, const void *tag), (void)tag;)
DELETE(delete_array_nothrow, NEW_ARRAY, (void *p, const void *tag), (void)tag;)
DELETE_SIZED(delete_sized, NEW, (void *p, size_t size), )
DELETE_SIZED(delete_array_sized, NEW_ARRAY, (void *p, size_t size), )
DELETE(delete_aligned, NEW, (void *p, size_t align), (void)align;)
DELETE(delete_array_aligned, NEW_ARRAY, (void *p, size_t align), (void)align;)
DELETE(delete_aligned_nothrow, NEW, (void *p, size_t align, const void *tag), (void)align;
       (void)tag;)
DELETE(delete_array_aligned_nothrow, NEW_ARRAY, (void *p, size_t align, const void *tag),
       (void)align;
       (void)tag;)
DELETE_SIZED(delete_sized_aligned, NEW, (void *p, size_t size, size_t align), (void)align;)
DELETE_SIZED(delete_array_sized_aligned, NEW_ARRAY, (void *p, size_t size, size_t align),
             (void)align;)
