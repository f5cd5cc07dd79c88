// SPDX-License-Identifier: MIT
// See vmem.h. State: the current reservation and the list of roots, both under the VMEM lock. Fork:
// reservations and private memory are inherited as they are; roots and their aliases are not
// (MADV_DONTFORK), because shared memory is not copied on write: the child gets a snapshot.
#include "base/vmem.h"

#include "base/die.h"
#include "base/lock.h"
#include "base/sys.h"

#include <errno.h>
#include <linux/mman.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/single_threaded.h>

// glibc 2.36 has no names for these.
enum {
    MADVISE_POPULATE_READ = 22,   // Linux 5.14
    MADVISE_DONTNEED_LOCKED = 24, // Linux 5.18
    MADVISE_COLLAPSE = 25,        // Linux 6.1
    MADVISE_GUARD_INSTALL = 102,  // Linux 6.13
};

static const size_t FIRST_RESERVATION = (size_t)1 << 30;
static const size_t LARGEST_RESERVATION = (size_t)1 << 38;
static const size_t PIECE = (size_t)32 << 20;
static const size_t ADDRESS_SPACE = (size_t)1 << 47;
static const size_t FIRST_ROOT = (size_t)16 << 20;
static const size_t LARGEST_ROOT = (size_t)1 << 30;

// One piece of shared memory. Spans are cut from it front to back and never given back.
struct root {
    uintptr_t base;
    size_t bytes;
    size_t used;
    uintptr_t copy;     // during fork: where the snapshot of [0, used) is
    size_t copy_bytes;  // how much of it is mapped: all of the root, where that can be had
    size_t copy_offset; // and where in snapshot_file, if there is one
};

enum { ROOTS_MAX = 512 };

static struct {
    uintptr_t next, end; // the current reservation's free part
    size_t next_bytes;   // size to try for the next one
} reservation;

// What is left of a piece of it for each kind of ranges that share page tables.
static struct piece { uintptr_t next, end; } pieces[RG_VMEM_KINDS];

static struct root roots[ROOTS_MAX];
static unsigned root_count;
static size_t next_root_bytes;

// During fork, while pages are copied; -1: there is none.
static int snapshot_file = -1;
static _Atomic bool files_are_forbidden;

// What mlockall(MCL_FUTURE) locks counts against RLIMIT_MEMLOCK, even an empty range.
static _Atomic bool mappings_are_locked;

// The inaccessible ranges that addresses come from. They are put below each other, so they grow down.
enum { RESERVED_MAX = 64 };
static struct { uintptr_t from, to; } reserved[RESERVED_MAX];
static unsigned reserved_count;

static bool failed(long ret) {
    return (unsigned long)ret > -4096UL;
}

// A result that may be ENOMEM (or what counts as shortage), or the refusal of a seccomp filter; anything else
// is our bug.
static bool ok_or_short(long ret, const char *what) {
    if (!failed(ret)) {
        return true;
    }
    if (ret != -ENOMEM && ret != -EAGAIN && ret != -EPERM && ret != -EACCES && ret != -ENOSYS) {
        rg_die_value(what, ret);
    }
    return false;
}

static long map(uintptr_t at, size_t bytes, int prot, int flags) {
    return rg_sys6(SYS_mmap, (long)at, (long)bytes, prot, flags | MAP_ANONYMOUS | MAP_NORESERVE, -1,
                   0);
}

static long advise(uintptr_t at, size_t bytes, int advice) {
    long ret;
    do {
        ret = rg_sys3(SYS_madvise, (long)at, (long)bytes, advice);
    } while (ret == -EINTR);
    return ret;
}

void rg_vmem_forbid_files(void) {
    atomic_store(&files_are_forbidden, true);
}

void rg_vmem_note_locking(void) {
    atomic_store(&mappings_are_locked, true);
}

void *rg_vmem_map_metadata(size_t bytes) {
    long ret = map(0, bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    return ok_or_short(ret, "mmap of metadata") ? (void *)ret : NULL;
}

void rg_vmem_unmap(void *p, size_t bytes) {
    rg_sys2(SYS_munmap, (long)p, (long)bytes);
}

// Everything mapped counts against it, also what is inaccessible.
static rlim_t address_space_limit(void) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    rg_sys4(SYS_prlimit64, 0, RLIMIT_AS, 0, (long)&limit);
    return limit.rlim_cur;
}

bool rg_vmem_is_limited(void) {
    return address_space_limit() != RLIM_INFINITY;
}

// The program needs its share.
size_t rg_vmem_ahead(size_t wish) {
    rlim_t limit = address_space_limit();
    size_t share = limit == RLIM_INFINITY ? wish : limit / 64;
    // A limit below what is mapped already leaves nothing; the callers' loops start from something.
    share = rg_align_up(share > 0 ? share : 1, RG_HUGE_SIZE);
    return share < wish ? share : wish;
}

static void note_reserved(uintptr_t from, size_t bytes) {
    for (unsigned i = 0; i < reserved_count; i++) {
        if (reserved[i].from == from + bytes) {
            reserved[i].from = from;
            return;
        }
    }
    if (reserved_count < RESERVED_MAX) {
        reserved[reserved_count].from = from;
        reserved[reserved_count].to = from + bytes;
        reserved_count++;
    }
}

static bool reserve_more(size_t least) {
    if (least > ADDRESS_SPACE) {
        return false;
    }
    size_t bytes =
        rg_vmem_ahead(reservation.next_bytes ? reservation.next_bytes : FIRST_RESERVATION);
    while (bytes < least) {
        bytes *= 2;
    }
    for (; bytes >= least; bytes /= 2) {
        long ret = map(0, bytes, PROT_NONE, MAP_PRIVATE);
        if (ok_or_short(ret, "mmap of a reservation")) {
            reservation.next = rg_align_up((uintptr_t)ret, RG_GRANULE_SIZE);
            reservation.end = (uintptr_t)ret + bytes;
            note_reserved((uintptr_t)ret, bytes);
            if (bytes < LARGEST_RESERVATION) {
                reservation.next_bytes = bytes * 2;
            }
            return true;
        }
    }
    return false;
}

// Where an int was stored over half of a pointer, what is there looks like an address behind a multiple of 4 GiB, mostly
// not far. A search for pointers would find one in a block there, so only large ones are put there.
static bool is_look_alike(uintptr_t at, size_t bytes, size_t align, uintptr_t *ret_other) {
    static const size_t EACH = (size_t)1 << 32, FAR = (size_t)64 << 20;
    uintptr_t multiple = (at + bytes - 1) & ~(EACH - 1);
    *ret_other = rg_align_up(multiple + FAR, align);
    return at < multiple + FAR && bytes < FAR && align < FAR;
}

// The next address that can be had without more of them. Those that are left out go back to the kernel, since a program may
// limit its address space later: whatever is mapped there is not ours.
static uintptr_t next_address(size_t bytes, size_t align) {
    uintptr_t other, at = rg_align_up(reservation.next, align);
    // Where addresses are few already, none are left out.
    if (!is_look_alike(at, bytes, align, &other) || other + bytes > reservation.end ||
        rg_vmem_is_limited()) {
        return at;
    }
    if (!failed(rg_sys2(SYS_munmap, (long)reservation.next, (long)(other - reservation.next)))) {
        reserved_count = 0;
    }
    return other;
}

static uintptr_t take_reserved(size_t bytes, size_t align) {
    uintptr_t at = next_address(bytes, align);
    if (at < reservation.next || at + bytes < at || at + bytes > reservation.end) {
        if (bytes + align < bytes || !reserve_more(bytes + align)) {
            return 0;
        }
        at = next_address(bytes, align);
    }
    reservation.next = at + bytes;
    return at;
}

static bool add_piece(struct piece *p, size_t bytes) {
    size_t most = bytes > PIECE ? bytes : PIECE;
    uintptr_t at = take_reserved(most, RG_GRANULE_SIZE);
    if (at) {
        *p = (struct piece){at, at + most};
    }
    return at != 0;
}

static uintptr_t take_of_piece(struct piece *p, size_t bytes, size_t align) {
    uintptr_t at = rg_align_up(p->next, align);
    if (at + bytes > p->end || at + bytes < at) {
        // What is left of pieces would count against a limit.
        if (rg_vmem_is_limited()) {
            return take_reserved(bytes, align);
        }
        if (bytes + align < bytes || !add_piece(p, bytes + align)) {
            return 0;
        }
        at = rg_align_up(p->next, align);
    }
    p->next = at + bytes;
    return at;
}

uintptr_t rg_vmem_reserve(enum rg_vmem_kind kind, size_t bytes, size_t align) {
    bytes = rg_align_up(bytes, RG_GRANULE_SIZE);
    rg_lock(RG_LOCK_VMEM);
    uintptr_t at = align < RG_HUGE_SIZE ? take_of_piece(&pieces[kind], bytes, align)
                                        : take_reserved(bytes, align);
    rg_unlock(RG_LOCK_VMEM);
    return at;
}

static void trim(uintptr_t *next, uintptr_t *end) {
    uintptr_t unused = rg_align_up(*next, RG_PAGE_SIZE);
    if (unused < *end) {
        rg_vmem_unmap((void *)unused, *end - unused);
        *end = unused;
    }
}

void rg_vmem_trim(void) {
    rg_lock(RG_LOCK_VMEM);
    reserved_count = 0; // what is given back may become the program's
    trim(&reservation.next, &reservation.end);
    for (unsigned kind = 0; kind < RG_VMEM_KINDS; kind++) {
        trim(&pieces[kind].next, &pieces[kind].end);
    }
    rg_unlock(RG_LOCK_VMEM);
}

static bool add_root(size_t least) {
    if (root_count == ROOTS_MAX) {
        return false;
    }
    size_t bytes = rg_vmem_ahead(next_root_bytes ? next_root_bytes : FIRST_ROOT);
    while (bytes < least) {
        bytes *= 2;
    }
    for (; bytes >= least; bytes /= 2) {
        long ret = map(0, bytes, PROT_READ | PROT_WRITE, MAP_SHARED);
        if (ok_or_short(ret, "mmap of shared memory")) {
            advise((uintptr_t)ret, bytes, MADV_DONTFORK);
            advise((uintptr_t)ret, bytes, MADV_DONTDUMP);
            roots[root_count++] = (struct root){.base = (uintptr_t)ret, .bytes = bytes};
            if (bytes < LARGEST_ROOT) {
                next_root_bytes = bytes * 2;
            }
            return true;
        }
    }
    return false;
}

uintptr_t rg_vmem_take_root(size_t bytes) {
    uintptr_t at = 0;
    rg_lock(RG_LOCK_VMEM);
    struct root *last = root_count ? &roots[root_count - 1] : NULL;
    size_t align = bytes >= RG_HUGE_SIZE ? RG_HUGE_SIZE : RG_PAGE_SIZE;
    bool fits = last && rg_align_up(last->used, align) + bytes <= last->bytes;
    if (fits || add_root(bytes)) {
        last = &roots[root_count - 1];
        last->used = rg_align_up(last->used, align);
        at = last->base + last->used;
        last->used += bytes;
    }
    rg_unlock(RG_LOCK_VMEM);
    return at;
}

bool rg_vmem_is_reserved(uintptr_t address, uintptr_t *ret_end) {
    bool found = false;
    rg_lock(RG_LOCK_VMEM);
    for (unsigned i = 0; i < reserved_count && !found; i++) {
        found = address >= reserved[i].from && address < reserved[i].to;
        *ret_end = reserved[i].to;
    }
    rg_unlock(RG_LOCK_VMEM);
    return found;
}

bool rg_vmem_is_root(uintptr_t address, uintptr_t *ret_end) {
    bool found = false;
    rg_lock(RG_LOCK_VMEM);
    for (unsigned i = 0; i < root_count && !found; i++) {
        found = address - roots[i].base < roots[i].bytes;
        *ret_end = roots[i].base + roots[i].bytes;
    }
    rg_unlock(RG_LOCK_VMEM);
    return found;
}

bool rg_vmem_alias(uintptr_t root, size_t bytes, uintptr_t at) {
    long ret =
        rg_sys6(SYS_mremap, (long)root, 0, (long)bytes, MREMAP_MAYMOVE | MREMAP_FIXED, (long)at, 0);
    // Besides shortage: refused where the kernel is not a kernel (Valgrind knows no such mremap).
    if (failed(ret)) {
        return false;
    }
    // The alias inherits the root's MADV_DONTFORK and MADV_DONTDUMP.
    return true;
}

bool rg_vmem_collapse(uintptr_t at, size_t bytes) {
    for (size_t offset = 0; offset + RG_HUGE_SIZE <= bytes; offset += RG_HUGE_SIZE) {
        // A wholly empty piece cannot be collapsed.
        *(volatile char *)(at + offset) = 0;
    }
    return advise(at, bytes, MADVISE_COLLAPSE) == 0;
}

void rg_vmem_map_ahead(uintptr_t at, size_t bytes) {
    advise(at, bytes, MADVISE_POPULATE_READ);
}

bool rg_vmem_would_commit(size_t bytes) {
    long ret = rg_sys6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (failed(ret)) {
        return false;
    }
    rg_sys2(SYS_munmap, ret, (long)bytes);
    return true;
}

bool rg_vmem_commit(uintptr_t at, size_t bytes) {
    // Accounted for like the C library's own mappings, so that a block that cannot be had is refused.
    long ret = rg_sys6(SYS_mmap, (long)at, (long)bytes, PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_FIXED | MAP_ANONYMOUS, -1, 0);
    return ok_or_short(ret, "mmap of private memory");
}

bool rg_vmem_retire(uintptr_t at, size_t bytes) {
    long ret = map(at, bytes, PROT_NONE, MAP_PRIVATE | MAP_FIXED);
    if (!ok_or_short(ret, "mmap over a retired range")) {
        return false;
    }
    if (atomic_load_explicit(&mappings_are_locked, memory_order_relaxed)) {
        rg_sys2(SYS_munlock, (long)at, (long)bytes);
    }
    return true;
}

void rg_vmem_populate(uintptr_t at, size_t bytes) {
    advise(at, bytes, MADV_POPULATE_WRITE); // Linux 5.14
}

void rg_vmem_purge(uintptr_t at, size_t bytes) {
    // Locked memory cannot be dropped (EINVAL): then a fresh mapping does it.
    if (failed(advise(at, bytes, MADV_DONTNEED)) && !rg_vmem_commit(at, bytes)) {
        memset((void *)at, 0, bytes);
    }
}

void rg_vmem_drop(uintptr_t at, size_t bytes) {
    if (failed(advise(at, bytes, MADV_DONTNEED))) {
        advise(at, bytes, MADVISE_DONTNEED_LOCKED);
    }
}

bool rg_vmem_move(uintptr_t from, size_t bytes, uintptr_t to) {
    // DONTUNMAP leaves the old range mapped (and empty), so no other thread's mmap can slip into it
    // before it is made inaccessible again. Linux 5.7.
    long ret = rg_sys6(SYS_mremap, (long)from, (long)bytes, (long)bytes,
                       MREMAP_MAYMOVE | MREMAP_FIXED | MREMAP_DONTUNMAP, (long)to, 0);
    return !failed(ret);
}

int rg_vmem_install_guard(uintptr_t at, size_t bytes) {
    return (int)advise(at, bytes, MADVISE_GUARD_INSTALL);
}

int rg_vmem_protect_none(uintptr_t at, size_t bytes) {
    long ret = rg_sys3(SYS_mprotect, (long)at, (long)bytes, PROT_NONE);
    return ok_or_short(ret, "mprotect") ? 0 : (int)ret;
}

bool rg_vmem_put_scratch(uintptr_t at, void (*fill)(void *page, void *arg), void *arg) {
    void *page = rg_vmem_map_metadata(RG_PAGE_SIZE);
    if (!page) {
        return false;
    }
    fill(page, arg);
    long ret = rg_sys6(SYS_mremap, (long)page, RG_PAGE_SIZE, RG_PAGE_SIZE,
                       MREMAP_MAYMOVE | MREMAP_FIXED, (long)at, 0);
    if (!failed(ret)) {
        return true;
    }
    // Refused, by a seccomp filter: then other threads may see the page before it is filled.
    bool done = rg_vmem_commit(at, RG_PAGE_SIZE);
    if (done) {
        memcpy((void *)at, page, RG_PAGE_SIZE);
    }
    rg_vmem_unmap(page, RG_PAGE_SIZE);
    return done;
}

void rg_vmem_open_scratch(uintptr_t at, bool open) {
    rg_sys3(SYS_mprotect, (long)at, RG_PAGE_SIZE, open ? PROT_READ | PROT_WRITE : PROT_NONE);
}

int rg_vmem_map_file(int fd, size_t offset, size_t bytes, void **ret) {
    long at =
        rg_sys6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd, (long)offset);
    if (failed(at)) {
        return (int)at;
    }
    advise((uintptr_t)at, bytes, MADV_DONTFORK);
    advise((uintptr_t)at, bytes, MADV_DONTDUMP);
    *ret = (void *)at;
    return 0;
}

// A file in memory takes copies by pwrite: half the cost of storing them through a mapping, where each page
// is faulted in and cleared before it is overwritten. It is closed again before the fork, so neither
// process ever meets its descriptor. -1: not to be had (or its size would be a misdeed: RLIMIT_FSIZE
// sends SIGXFSZ), and pages are stored through the mapping.
static int open_snapshot_file(size_t bytes) {
    struct rlimit limit = {RLIM_INFINITY, RLIM_INFINITY};
    // Another thread may close descriptors it does not know, and open a file at the same number.
    if (!__libc_single_threaded || atomic_load(&files_are_forbidden)) {
        return -1;
    }
    rg_sys4(SYS_prlimit64, 0, RLIMIT_FSIZE, 0, (long)&limit);
    if (limit.rlim_cur != RLIM_INFINITY) {
        return -1;
    }
    long fd = rg_sys2(SYS_memfd_create, (long)"realloc_guard", MFD_CLOEXEC);
    if (failed(fd)) {
        return -1;
    }
    if (failed(rg_sys2(SYS_ftruncate, fd, (long)bytes))) {
        rg_sys2(SYS_close, fd, 0);
        return -1;
    }
    return (int)fd;
}

static bool map_copy(struct root *r, size_t offset) {
    int flags = MAP_SHARED | MAP_NORESERVE | (snapshot_file < 0 ? MAP_ANONYMOUS : 0);
    size_t sizes[] = {r->bytes, rg_align_up(r->used, RG_PAGE_SIZE)};
    for (unsigned i = 0; i < 2 && sizes[i] > 0; i++) {
        long ret = rg_sys6(SYS_mmap, 0, (long)sizes[i], PROT_READ | PROT_WRITE, flags,
                           snapshot_file, snapshot_file < 0 ? 0 : (long)offset);
        if (ok_or_short(ret, "mmap of a snapshot")) {
            r->copy = (uintptr_t)ret;
            r->copy_bytes = sizes[i];
            r->copy_offset = offset;
            return true;
        }
    }
    return false;
}

bool rg_vmem_snapshot_begin(void) {
    size_t bytes = 0;
    for (unsigned i = 0; i < root_count; i++) {
        bytes += roots[i].bytes;
    }
    snapshot_file = bytes > 0 ? open_snapshot_file(bytes) : -1;
    size_t offset = 0;
    for (unsigned i = 0; i < root_count; i++) {
        if (!map_copy(&roots[i], offset)) {
            rg_vmem_snapshot_end();
            rg_vmem_snapshot_drop();
            return false;
        }
        offset += roots[i].bytes;
    }
    return true;
}

// Returns how many bytes were written; fewer where the kernel ran short.
static size_t write_copy(const struct root *r, uintptr_t from, size_t bytes) {
    size_t done = 0;
    while (snapshot_file >= 0 && done < bytes) {
        long ret = rg_sys4(SYS_pwrite64, snapshot_file, (long)(from + done), (long)(bytes - done),
                           (long)(r->copy_offset + (from - r->base) + done));
        if (ret <= 0) {
            break;
        }
        done += (size_t)ret;
    }
    return done;
}

void rg_vmem_snapshot_copy(uintptr_t root, size_t bytes) {
    for (unsigned i = 0; i < root_count; i++) {
        const struct root *r = &roots[i];
        if (root >= r->base && root < r->base + r->used) {
            size_t done = write_copy(r, root, bytes);
            memcpy((void *)(r->copy + (root - r->base) + done), (const void *)(root + done),
                   bytes - done);
            return;
        }
    }
    rg_die("a span lies in no root");
}

void rg_vmem_snapshot_end(void) {
    if (snapshot_file >= 0) {
        rg_sys2(SYS_close, snapshot_file, 0);
        snapshot_file = -1;
    }
}

void rg_vmem_snapshot_drop(void) {
    for (unsigned i = 0; i < root_count; i++) {
        if (roots[i].copy) {
            rg_vmem_unmap((void *)roots[i].copy, roots[i].copy_bytes);
            roots[i].copy = 0;
        }
    }
}

void rg_vmem_snapshot_adopt(void) {
    for (unsigned i = 0; i < root_count; i++) {
        struct root *r = &roots[i];
        r->bytes = r->copy_bytes;
        long ret = rg_sys6(SYS_mremap, (long)r->copy, (long)r->bytes, (long)r->bytes,
                           MREMAP_MAYMOVE | MREMAP_FIXED, (long)r->base, 0);
        if (failed(ret)) {
            rg_die_value("mremap of a snapshot after fork", ret);
        }
        advise(r->base, r->bytes, MADV_DONTFORK);
        advise(r->base, r->bytes, MADV_DONTDUMP);
        r->copy = 0;
    }
}
