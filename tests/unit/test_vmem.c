// SPDX-License-Identifier: MIT
// Claims about address space and memory. Whether something can be read is asked of the kernel, so no
// test has to fault.
#include "base/vmem.h"

#include "base/lock.h"
#include "base/sys.h"
#include "support.h"

#include <errno.h>
#include <sys/resource.h>
#include <unistd.h>

static bool is_readable(uintptr_t at) {
    return rg_is_readable((void *)at, 1);
}

// A fresh range of one granule.
static uintptr_t reserve(void) {
    uintptr_t at = rg_vmem_reserve(RG_VMEM_OTHER, RG_GRANULE_SIZE, RG_GRANULE_SIZE);
    assert_true(at != 0);
    return at;
}

static void reserves_no_address_twice(void) {
    enum { RANGES = 1500 };
    static struct { uintptr_t from, to; } ranges[RANGES];
    uint64_t seed = 1;
    for (size_t i = 0; i < RANGES; i++) {
        size_t bytes = 1 + random_below(&seed, (size_t)8 << 20);
        size_t align = (size_t)RG_GRANULE_SIZE << random_below(&seed, 8);
        uintptr_t at = rg_vmem_reserve(RG_VMEM_OTHER, bytes, align);
        require(at != 0 && at % align == 0);
        require(!is_readable(at) && !is_readable(at + bytes - 1));
        ranges[i].from = at;
        ranges[i].to = at + bytes;
        for (size_t k = 0; k < i; k++) {
            require(ranges[i].to <= ranges[k].from || ranges[i].from >= ranges[k].to);
        }
    }
}

// Nor one that looks like an int over half of a pointer.
static void puts_nothing_behind_multiples_of_4_gib(void) {
    const size_t bytes = 6 << 20, each = (size_t)1 << 32;
    for (int i = 0; i < 3000; i++) {
        for (size_t align = RG_GRANULE_SIZE; align <= RG_HUGE_SIZE; align *= 32) {
            uintptr_t at = rg_vmem_reserve(RG_VMEM_OTHER, bytes, align);
            assert_true(at != 0 && at % align == 0);
            assert_true((at - 1) / each == (at + bytes - 1) / each && at % each >= (64 << 20));
        }
    }
}

static void reserves_more_than_one_mapping_holds(void) {
    assert_true(rg_vmem_reserve(RG_VMEM_OTHER, (size_t)3 << 30, RG_GRANULE_SIZE) != 0);
    assert_true(rg_vmem_reserve(RG_VMEM_OTHER, (size_t)5 << 36, RG_GRANULE_SIZE) != 0);
}

static size_t mapped_pages(void) {
    char text[100];
    require(rg_read_file("/proc/self/statm", text, sizeof text) > 0);
    return strtoul(text, NULL, 10);
}

static void gives_back_what_is_not_handed_out(void) {
    size_t before = mapped_pages();
    uintptr_t first = reserve();
    assert_true(mapped_pages() > before + 100000);
    rg_vmem_trim();
    assert_true(mapped_pages() < before + 100);
    assert_true(rg_vmem_commit(first, RG_GRANULE_SIZE));
    uintptr_t next = reserve();
    assert_true(next >= first + RG_GRANULE_SIZE || next + RG_GRANULE_SIZE <= first);
}

static void answers_0_when_the_address_space_is_used_up(void) {
    errno = 123;
    assert_int_equal(rg_vmem_reserve(RG_VMEM_OTHER, (size_t)1 << 47, RG_GRANULE_SIZE), 0);
    assert_int_equal(rg_vmem_reserve(RG_VMEM_OTHER, (size_t)1 << 62, RG_GRANULE_SIZE), 0);
    assert_int_equal(rg_vmem_take_root((size_t)1 << 47), 0);
    assert_null(rg_vmem_map_metadata((size_t)1 << 47));
    assert_int_equal(errno, 123);
    reserve();
}

static void shows_the_same_memory_through_every_alias(void) {
    enum { BYTES = 3 * RG_PAGE_SIZE };
    uintptr_t root = rg_vmem_take_root(BYTES);
    uintptr_t one = reserve(), two = reserve();
    assert_true(rg_vmem_alias(root, BYTES, one));
    assert_true(rg_vmem_alias(root, BYTES, two));
    for (size_t i = 0; i < BYTES; i += 512) {
        assert_int_equal(*(unsigned char *)(two + i), 0);
        *(unsigned char *)(one + i) = (unsigned char)(i / 512 + 1);
        assert_int_equal(*(unsigned char *)(two + i), i / 512 + 1);
        assert_int_equal(*(unsigned char *)(root + i), i / 512 + 1);
    }
    assert_false(is_readable(one + BYTES));
}

static void takes_roots_that_do_not_overlap(void) {
    enum { ROOTS = 300 };
    uintptr_t roots[ROOTS];
    for (size_t i = 0; i < ROOTS; i++) {
        size_t bytes = (1 + i % 40) * RG_PAGE_SIZE * 8;
        roots[i] = rg_vmem_take_root(bytes);
        assert_true(roots[i] != 0);
        *(size_t *)roots[i] = i + 1;
        *(size_t *)(roots[i] + bytes - sizeof(size_t)) = i + 1;
    }
    for (size_t i = 0; i < ROOTS; i++) {
        size_t bytes = (1 + i % 40) * RG_PAGE_SIZE * 8;
        assert_int_equal(*(size_t *)roots[i], i + 1);
        assert_int_equal(*(size_t *)(roots[i] + bytes - sizeof(size_t)), i + 1);
    }
}

static void retires_an_alias_and_leaves_the_memory(void) {
    uintptr_t root = rg_vmem_take_root(RG_PAGE_SIZE);
    uintptr_t at = reserve();
    assert_true(rg_vmem_alias(root, RG_PAGE_SIZE, at));
    *(int *)at = 42;
    assert_true(rg_vmem_retire(at, RG_GRANULE_SIZE));
    assert_false(is_readable(at));
    assert_int_equal(*(int *)root, 42);
}

static void commits_and_purges_zeroed_memory(void) {
    uintptr_t at = reserve();
    assert_true(rg_vmem_commit(at, 2 * RG_PAGE_SIZE));
    assert_int_equal(*(int *)at, 0);
    *(int *)at = 1;
    *(int *)(at + RG_PAGE_SIZE) = 2;
    rg_vmem_purge(at, RG_PAGE_SIZE);
    assert_int_equal(*(int *)at, 0);
    assert_int_equal(*(int *)(at + RG_PAGE_SIZE), 2);
    assert_true(rg_vmem_retire(at, 2 * RG_PAGE_SIZE));
    assert_false(is_readable(at));
}

static void moves_pages_and_leaves_empty_ones(void) {
    uintptr_t from = reserve(), to = reserve();
    assert_true(rg_vmem_commit(from, 2 * RG_PAGE_SIZE));
    *(int *)from = 7;
    *(int *)(from + RG_PAGE_SIZE) = 8;
    assert_true(rg_vmem_move(from, 2 * RG_PAGE_SIZE, to));
    assert_int_equal(*(int *)to, 7);
    assert_int_equal(*(int *)(to + RG_PAGE_SIZE), 8);
    assert_true(is_readable(from));
    assert_int_equal(*(int *)from, 0);
    assert_true(rg_vmem_retire(from, 2 * RG_PAGE_SIZE));
    assert_false(is_readable(from));
    assert_int_equal(*(int *)to, 7);
}

// Seals the middle page of an alias and checks what is left.
static void check_seal(int (*seal)(uintptr_t at, size_t bytes)) {
    uintptr_t root = rg_vmem_take_root(3 * RG_PAGE_SIZE);
    uintptr_t at = reserve();
    assert_true(rg_vmem_alias(root, 3 * RG_PAGE_SIZE, at));
    *(int *)(at + RG_PAGE_SIZE) = 99;
    int ret = seal(at + RG_PAGE_SIZE, RG_PAGE_SIZE);
    if (ret == -EINVAL) {
        skip_isolated("this kernel has no guard markers on shared memory (Linux 6.15)");
    }
    assert_int_equal(ret, 0);
    assert_true(is_readable(at));
    assert_false(is_readable(at + RG_PAGE_SIZE));
    assert_false(is_readable(at + 2 * RG_PAGE_SIZE - 1));
    assert_true(is_readable(at + 2 * RG_PAGE_SIZE));
    assert_int_equal(*(int *)(root + RG_PAGE_SIZE), 99);
}

static void seals_one_page_by_a_guard_marker(void) {
    check_seal(rg_vmem_install_guard);
}

static void seals_one_page_by_protection(void) {
    check_seal(rg_vmem_protect_none);
}

static void fill_page(void *page, void *arg) {
    memset(page, *(int *)arg, RG_PAGE_SIZE);
}

static void puts_a_scratch_page_over_a_sealed_one(void) {
    int mark = 0x5a;
    uintptr_t root = rg_vmem_take_root(3 * RG_PAGE_SIZE);
    uintptr_t at = reserve(), page = at + RG_PAGE_SIZE;
    assert_true(rg_vmem_alias(root, 3 * RG_PAGE_SIZE, at));
    assert_int_equal(rg_vmem_protect_none(page, RG_PAGE_SIZE), 0);
    assert_true(rg_vmem_put_scratch(page, fill_page, &mark));
    assert_int_equal(*(unsigned char *)page, 0x5a);
    *(unsigned char *)page = 1;
    assert_int_equal(*(unsigned char *)(root + RG_PAGE_SIZE), 0);
    rg_vmem_open_scratch(page, false);
    assert_false(is_readable(page));
    rg_vmem_open_scratch(page, true);
    assert_int_equal(*(unsigned char *)page, 1);
    assert_true(is_readable(at) && is_readable(page + RG_PAGE_SIZE));
}

static uintptr_t shared_root, shared_view;

static void be_the_child(void) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    limit.rlim_cur = limit.rlim_max;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_false(is_readable(shared_root));
    assert_false(is_readable(shared_view));
    rg_vmem_snapshot_adopt();
    assert_true(rg_vmem_alias(shared_root, 2 * RG_PAGE_SIZE, shared_view));
    assert_int_equal(*(int *)shared_view, 11);
    assert_int_equal(*(int *)(shared_root + RG_PAGE_SIZE), 0);
    *(int *)shared_view = 33;
    assert_int_equal(*(int *)shared_root, 33);
    // What is taken from here on works as in the parent, and a further fork too.
    assert_true(rg_vmem_take_root(RG_PAGE_SIZE) != 0);
    assert_true(rg_vmem_snapshot_begin());
    rg_vmem_snapshot_copy(shared_root, RG_PAGE_SIZE);
    rg_vmem_snapshot_end();
    rg_vmem_snapshot_drop();
}

static void check_forked_child(void) {
    shared_root = rg_vmem_take_root(2 * RG_PAGE_SIZE);
    shared_view = reserve();
    assert_true(rg_vmem_alias(shared_root, 2 * RG_PAGE_SIZE, shared_view));
    *(int *)shared_view = 11;
    *(int *)(shared_view + RG_PAGE_SIZE) = 22;
    assert_true(rg_vmem_snapshot_begin());
    rg_vmem_snapshot_copy(shared_root, RG_PAGE_SIZE);
    rg_vmem_snapshot_end();
    *(int *)shared_view = 12;
    assert_int_equal(run_in_child(be_the_child, -1), 0);
    rg_vmem_snapshot_drop();
    assert_int_equal(*(int *)shared_view, 12);
    assert_int_equal(*(int *)(shared_view + RG_PAGE_SIZE), 22);
}

static int next_descriptor(void) {
    int fd = dup(1);
    close(fd);
    return fd;
}

static void gives_a_forked_child_memory_of_its_own(void) {
    int before = next_descriptor();
    check_forked_child();
    assert_int_equal(next_descriptor(), before);
}

// A file as large as the roots would break the limit, for which the kernel sends SIGXFSZ.
static void copies_for_a_child_within_the_limit_on_files(void) {
    struct rlimit limit = {1, 1};
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
    check_forked_child();
}

static void copies_for_a_child_without_a_free_descriptor(void) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = (rlim_t)next_descriptor();
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    assert_int_equal(dup(1), -1);
    check_forked_child();
    limit.rlim_cur = before; // a sanitizer needs some at the end
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        isolated(reserves_no_address_twice),
        isolated(puts_nothing_behind_multiples_of_4_gib),
        isolated(reserves_more_than_one_mapping_holds),
        isolated(gives_back_what_is_not_handed_out),
        isolated(answers_0_when_the_address_space_is_used_up),
        isolated(shows_the_same_memory_through_every_alias),
        isolated(takes_roots_that_do_not_overlap),
        isolated(retires_an_alias_and_leaves_the_memory),
        isolated(commits_and_purges_zeroed_memory),
        isolated(moves_pages_and_leaves_empty_ones),
        isolated(seals_one_page_by_a_guard_marker),
        isolated(seals_one_page_by_protection),
        isolated(puts_a_scratch_page_over_a_sealed_one),
        isolated(gives_a_forked_child_memory_of_its_own),
        isolated(copies_for_a_child_within_the_limit_on_files),
        isolated(copies_for_a_child_without_a_free_descriptor),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
