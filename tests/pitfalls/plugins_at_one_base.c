// SPDX-License-Identifier: MIT
// A plug-in is unloaded and another one takes its place: stacks recorded in the first name the first,
// also afterwards, and those recorded in the second name the second.
// GUARDED: the same base: 1
// REPORT: stale read; access=first; now=live
// REPORT: stale read; access=second; now=live
// TEXT: plugins_at_one_base.c:31 [^\n]*plugin_a.c:6[\s\S]*grow_in_a [\s\S]*plugins_at_one_base.c:32
// TEXT: plugins_at_one_base.c:32 [^\n]*plugin_b.c:6[\s\S]*grow_in_b [\s\S]*today
#include <dlfcn.h>
#include <link.h>
#include <stdio.h>
#include <stdlib.h>

static ElfW(Addr) base;

static void *grow_with(const char *plugin, const char *name, char *block, int unload) {
    struct link_map *map = dlopen(plugin, RTLD_NOW);
    char *(*grow)(char *) = map ? (char *(*)(char *))dlsym(map, name) : NULL;
    if (!grow) {
        exit(1);
    }
    base = map->l_addr;
    char *larger = grow(block);
    if (unload) {
        dlclose(map);
    }
    return larger;
}

static void use(char *volatile old_a, char *volatile old_b) {
    volatile char byte = *old_a; // HERE: first
    byte = *old_b;               // HERE: second
}

int main(int argc, char **argv) {
    char *old_a = malloc(40);
    char *new_a = grow_with(argv[1], "grow_in_a", old_a, 1);
    ElfW(Addr) base_of_a = base;
    char *old_b = malloc(40);
    char *new_b = grow_with(argv[2], "grow_in_b", old_b, 0);
    use(old_a, old_b);
    printf("the same base: %d\n", base == base_of_a);
    free(new_a);
    free(new_b);
    return 0;
}
