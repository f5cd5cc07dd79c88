// SPDX-License-Identifier: MIT
// Claims about modules, unloaded ones too. Arguments: two shared objects (loadable.c) that differ in the
// name of their function.
#include "stack/modules.h"

#include "stack/walk.h"
#include "support.h"

#include <dlfcn.h>
#include <sys/resource.h>

static const char *first_path, *second_path;

static void *load(const char *path, const char *function, uintptr_t *ret_pc) {
    void *object = dlopen(path, RTLD_NOW);
    if (!object) {
        fail_msg("%s", dlerror());
    }
    *ret_pc = (uintptr_t)dlsym(object, function);
    assert_true(*ret_pc != 0);
    return object;
}

static void unload(void *object) {
    struct rg_module_list *before = rg_modules_list();
    assert_non_null(before);
    assert_int_equal(dlclose(object), 0);
    rg_modules_unloaded(before);
}

static void names_what_is_loaded(void) {
    uintptr_t pc;
    struct rg_module m;
    void *object = load(first_path, "first_function", &pc);
    assert_true(rg_module_find(pc, rg_modules_epoch(), &m));
    assert_string_equal(m.path, first_path);
    assert_true(m.start <= pc && pc < m.end);
    assert_true(m.bias <= pc && m.bias >= m.start - 4096);
    assert_int_equal(m.build_id_len, 20);
    Dl_info info;
    assert_true(dladdr((void *)pc, &info) != 0);
    assert_ptr_equal(info.dli_fbase, m.bias);
    dlclose(object);
}

static void names_the_program_itself(void) {
    struct rg_module m;
    char self[600];
    ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
    assert_true(n > 0);
    self[n] = 0;
    assert_true(rg_module_find((uintptr_t)&names_the_program_itself, 0, &m));
    assert_string_equal(m.path, self);
}

static void names_no_module_for_other_addresses(void) {
    struct rg_module m;
    int local;
    assert_false(rg_module_find((uintptr_t)&local, 0, &m));
    assert_false(rg_module_find(0, 0, &m));
    assert_false(rg_module_find(~0UL, 0, &m));
}

static void still_names_what_was_unloaded(void) {
    uintptr_t pc;
    struct rg_module then, now;
    void *object = load(first_path, "first_function", &pc);
    uint32_t epoch = rg_modules_epoch();
    assert_true(rg_module_find(pc, epoch, &then));
    unload(object);
    assert_int_equal(rg_modules_epoch(), epoch + 1);
    assert_true(rg_module_find(pc, epoch, &now));
    assert_string_equal(now.path, first_path);
    assert_int_equal(now.bias, then.bias);
    assert_int_equal(now.start, then.start);
    assert_int_equal(now.end, then.end);
    assert_int_equal(now.build_id_len, then.build_id_len);
    assert_memory_equal(now.build_id, then.build_id, then.build_id_len);
    assert_false(rg_module_find(pc, epoch + 1, &now));
    // Its neighbours are not concerned.
    assert_true(rg_module_find((uintptr_t)&qsort, epoch + 1, &now));
}

static void counts_no_epoch_when_nothing_was_unloaded(void) {
    uintptr_t pc;
    void *object = load(first_path, "first_function", &pc);
    void *again = load(first_path, "first_function", &pc);
    uint32_t epoch = rg_modules_epoch();
    unload(again);
    assert_int_equal(rg_modules_epoch(), epoch);
    unload(object);
    assert_int_equal(rg_modules_epoch(), epoch + 1);
}

static void limit_address_space(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_AS, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

static void takes_it_that_something_was_unloaded_when_it_cannot_tell(void) {
    uintptr_t pc;
    void *object = load(first_path, "first_function", &pc);
    limit_address_space(1 << 16);
    struct rg_module_list *before = rg_modules_list();
    limit_address_space(RLIM_INFINITY);
    assert_null(before);
    assert_int_equal(dlclose(object), 0);
    assert_true(rg_modules_unloaded(before));
    // What is still there was not.
    before = rg_modules_list();
    assert_non_null(before);
    assert_false(rg_modules_unloaded(before));
}

static const char *path_at(uintptr_t pc, uint32_t epoch) {
    static struct rg_module m;
    return rg_module_find(pc, epoch, &m) ? m.path : "";
}

static void knows_objects_that_take_turns(void) {
    static const char turns[] = "1121122121";
    uintptr_t pcs[sizeof turns];
    uint32_t epochs[sizeof turns];
    uintptr_t elsewhere = (uintptr_t)&qsort;
    for (size_t i = 0; turns[i]; i++) {
        void *object = turns[i] == '1' ? load(first_path, "first_function", &pcs[i])
                                       : load(second_path, "second_function", &pcs[i]);
        epochs[i] = rg_modules_epoch_of(&pcs[i], 1);
        assert_int_equal(rg_modules_epoch_of(&elsewhere, 1), 0);
        assert_string_equal(path_at(pcs[i], epochs[i]), turns[i] == '1' ? first_path : second_path);
        unload(object);
    }
    if (pcs[0] != pcs[2]) {
        skip_isolated("the loader did not use the same place again");
    }
    for (size_t i = 0; turns[i]; i++) {
        assert_string_equal(path_at(pcs[i], epochs[i]), turns[i] == '1' ? first_path : second_path);
        assert_int_equal(epochs[i], epochs[turns[i] == '1' ? 0 : 2]);
    }
    assert_int_equal(rg_modules_epoch(), 2);
}

// A signal interrupted it there, so it is no return address.
static void finds_the_epoch_of_an_exact_pc(void) {
    uintptr_t pcs[2];
    unload(load(first_path, "first_function", &pcs[0]));
    void *second = load(second_path, "second_function", &pcs[1]);
    if (pcs[0] != pcs[1]) {
        skip_isolated("the loader did not use the same place again");
    }
    const uintptr_t exact = pcs[1] | RG_PC_EXACT;
    assert_string_equal(path_at(pcs[1], rg_modules_epoch_of(&exact, 1)), second_path);
    unload(second);
}

// The first object has been at one place and then both at the other in turn, so that no epoch that has
// ended is right for both.
static void finds_an_epoch_for_objects_that_never_met(void) {
    uintptr_t first_pc, pcs[2];
    unload(load(first_path, "first_function", &first_pc));
    void *second = load(second_path, "second_function", &pcs[0]);
    void *first = load(first_path, "first_function", &pcs[1]);
    uintptr_t there = pcs[1];
    unload(first);
    unload(second);
    first = load(first_path, "first_function", &pcs[0]);
    second = load(second_path, "second_function", &pcs[1]);
    if (pcs[0] != first_pc || pcs[1] != there) {
        skip_isolated("the loader did not use the same places again");
    }
    uint32_t epoch = rg_modules_epoch_of(pcs, 2);
    unload(second);
    unload(first);
    unload(load(second_path, "second_function", &first_pc));
    assert_string_equal(path_at(pcs[0], epoch), first_path);
    assert_string_equal(path_at(pcs[1], epoch), second_path);
}

static void names_exported_functions(void) {
    uintptr_t pc;
    char name[100];
    size_t offset = 99;
    void *object = load(first_path, "first_function", &pc);
    assert_true(rg_module_symbol(pc, name, sizeof name, &offset));
    assert_string_equal(name, "first_function");
    assert_int_equal(offset, 0);
    assert_true(rg_module_symbol(pc + 1, name, 6, &offset));
    assert_string_equal(name, "first");
    assert_int_equal(offset, 1);
    assert_false(rg_module_symbol((uintptr_t)&object, name, sizeof name, &offset));
    // One that no sanitizer replaces.
    pc = (uintptr_t)dlsym(RTLD_DEFAULT, "cfmakeraw");
    assert_true(rg_module_symbol(pc + 3, name, sizeof name, &offset));
    assert_string_equal(name, "cfmakeraw");
    assert_int_equal(offset, 3);
    dlclose(object);
}

int main(int argc, char **argv) {
    require(argc == 3);
    first_path = argv[1];
    second_path = argv[2];
    const struct CMUnitTest tests[] = {
        isolated(names_what_is_loaded),
        isolated(names_the_program_itself),
        isolated(names_no_module_for_other_addresses),
        isolated(still_names_what_was_unloaded),
        isolated(counts_no_epoch_when_nothing_was_unloaded),
        isolated(takes_it_that_something_was_unloaded_when_it_cannot_tell),
        isolated(knows_objects_that_take_turns),
        isolated(finds_the_epoch_of_an_exact_pc),
        isolated(finds_an_epoch_for_objects_that_never_met),
        isolated(names_exported_functions),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
