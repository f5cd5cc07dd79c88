// SPDX-License-Identifier: MIT
// All address space that the guard uses, and the only file that talks to the kernel about memory.
//
// Addresses come from reservations (inaccessible, never given back once handed out), are handed out once, and are
// never handed out again, so a fixed mapping inside one cannot hit anything of the program's. Memory
// comes in three kinds:
//   metadata   private anonymous, outside the reservations
//   root       shared anonymous memory that the views of small blocks alias; mapped once, privately
//              to the guard
//   private    ordinary anonymous memory inside a reservation, for large blocks
//
// All functions are thread-safe, async-signal-safe unless stated, and leave errno alone. Shortage of
// memory or of mappings is reported to the caller; any other refusal by the kernel is our bug.
#ifndef RG_BASE_VMEM_H
#define RG_BASE_VMEM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum {
    RG_PAGE_SIZE = 4096,
    RG_GRANULE_SHIFT = 16, // addresses are handed out in granules of 64 KiB
    RG_GRANULE_SIZE = 1 << RG_GRANULE_SHIFT,
    RG_HUGE_SIZE = 2 << 20, // of a huge page
};

// Rounds n up to a multiple of align, a power of two. Undefined on overflow.
static inline size_t rg_align_up(size_t n, size_t align) {
    return (n + align - 1) & ~(align - 1);
}

// Zero-filled private memory for metadata; NULL when there is none. bytes: a multiple of a page.
void *rg_vmem_map_metadata(size_t bytes);
void rg_vmem_unmap(void *p, size_t bytes);

// A fresh, inaccessible range of `bytes` (rounded up to granules), aligned to `align` (a power of two,
// at least a granule). 0 when the address space or its limit is used up. Takes the VMEM lock.
// Ranges that need not start a page table share tables with others of their kind, one after the other, so that a table
// goes when they do.
enum rg_vmem_kind { RG_VMEM_SMALL, RG_VMEM_PAGES, RG_VMEM_OTHER, RG_VMEM_KINDS };
uintptr_t rg_vmem_reserve(enum rg_vmem_kind kind, size_t bytes, size_t align);

// Gives back the address space that is reserved and not handed out yet. Takes the VMEM lock.
void rg_vmem_trim(void);

// Zero-filled shared memory for a span, as an address in the guard's own root mapping; 0 when there
// is none. bytes: a multiple of a page. From the size of a huge page on it starts at a multiple of that
// in the underlying memory. Takes the VMEM lock.
uintptr_t rg_vmem_take_root(size_t bytes);

// Whether the address is in a reservation, handed out or not, and where that ends. False too for some, where there are too
// many to be noted or where some have been given back. Takes the VMEM lock.
bool rg_vmem_is_reserved(uintptr_t address, uintptr_t *ret_end);

// Whether the address is in the guard's own mapping of such memory, and where that ends. Takes the VMEM lock.
bool rg_vmem_is_root(uintptr_t address, uintptr_t *ret_end);

// Maps the root memory at `root` a further time at the reserved address `at`. False: no memory, or
// too many mappings.
bool rg_vmem_alias(uintptr_t root, size_t bytes, uintptr_t at);

// Tries to gather the memory under an alias into huge pages, so that this and later aliases of it are
// mapped by few faults. All of it becomes resident. Failure is harmless.
bool rg_vmem_collapse(uintptr_t at, size_t bytes);

// Maps the pages of an alias by one call, where touching them would take a fault for each. All of its memory
// becomes resident. Failure is harmless and not told.
void rg_vmem_map_ahead(uintptr_t at, size_t bytes);

// Whether the program has limited its address space (RLIMIT_AS).
bool rg_vmem_is_limited(void);

// How much of `wish` bytes of address space may be taken ahead of need.
size_t rg_vmem_ahead(size_t wish);

// Makes a reserved range ordinary zero-filled private memory. False: no memory or mappings.
bool rg_vmem_commit(uintptr_t at, size_t bytes);

// Whether that much private memory would be granted now. For requests so large that it is worth asking.
bool rg_vmem_would_commit(size_t bytes);

// Turns a range (aliased, private or sealed) back into an inaccessible reservation and gives its
// pages and page tables back. False: too many mappings (nothing changed).
bool rg_vmem_retire(uintptr_t at, size_t bytes);

// Gives private memory its pages at once, which costs half of what a fault for each does. Failure is harmless and
// not told: the first accesses do it then.
void rg_vmem_populate(uintptr_t at, size_t bytes);

// Drops the contents of private memory; it reads as zero afterwards.
void rg_vmem_purge(uintptr_t at, size_t bytes);

// The same for memory that nobody needs any more: where it cannot be dropped (it is locked) it stays as it is.
void rg_vmem_drop(uintptr_t at, size_t bytes);

// Moves the pages of private memory from one range of a reservation to another. The old range stays
// mapped and reads as zero, to be retired. False: not possible here (nothing changed).
bool rg_vmem_move(uintptr_t from, size_t bytes, uintptr_t to);

// Sealing back ends: 0, or -errno as the kernel gave it.
int rg_vmem_install_guard(uintptr_t at, size_t bytes);
int rg_vmem_protect_none(uintptr_t at, size_t bytes);

// A page of private memory, filled by `fill` before anybody can see it, put in place of whatever is
// mapped at the page `at`. False: no memory or mappings.
bool rg_vmem_put_scratch(uintptr_t at, void (*fill)(void *page, void *arg), void *arg);
// Opens or closes a scratch page.
void rg_vmem_open_scratch(uintptr_t at, bool open);

// The program enters a sandbox, which may end it for a call that it does not make itself: forks make no file
// in memory from now on.
void rg_vmem_forbid_files(void);
// The program has called mlockall(MCL_FUTURE).
void rg_vmem_note_locking(void);

// A piece of a file, which may be closed afterwards: what is stored there is in the file, however the process ends. A
// forked child has nothing there, and a core file leaves it out. 0, or -errno as the kernel gave it. offset, bytes:
// multiples of a page.
int rg_vmem_map_file(int fd, size_t offset, size_t bytes, void **ret);

// fork, called in the parent with every lock held. Makes room for a copy of every root; false: no
// memory. The copies exist in parent and child until dropped or adopted.
bool rg_vmem_snapshot_begin(void);
// Copies what is in root memory at `root` into the snapshot.
void rg_vmem_snapshot_copy(uintptr_t root, size_t bytes);
// All is copied. Before the fork.
void rg_vmem_snapshot_end(void);
// The parent forgets the copies.
void rg_vmem_snapshot_drop(void);
// The child puts the copies in the roots' places. The views must be mapped again by their owner.
void rg_vmem_snapshot_adopt(void);

#endif
