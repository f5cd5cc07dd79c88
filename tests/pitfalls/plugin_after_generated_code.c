// SPDX-License-Identifier: MIT
// Code without an object, as a compiler at run time makes it, is unmapped, and a plug-in takes its place. Stacks
// in it end where it has no frame pointer, those in the plug-in do not, be they alike to the byte.
// GUARDED: the same place: 1
// REPORT: stale read; access=stale; now=live
// TEXT: moved by realloc[^\n]*\n[^\n]*grow_in_a [^\n]*plugin_a.c:6\n[^\n]*plugin_after_generated_code.c:26\n
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

typedef char *(*grow_fn)(char *block);

enum { GENERATED = 4 };

static char *old, *new;

// One call for all: the stack is the same.
static void __attribute__((noinline)) grow_all(grow_fn (*next)(void)) {
    grow_fn grow;
    while ((grow = next())) {
        free(new);
        old = malloc(40);
        // The caller of the plug-in.
        new = grow(old);
    }
}

static const char *path;
static grow_fn place;
static size_t calls;
static char *code;
static size_t size;

// The plug-in's code, with what it refers to, where it was loaded.
static void generate(void) {
    struct dl_find_object object;
    void *plugin = dlopen(path, RTLD_NOW);
    if (!plugin || !(place = (grow_fn)dlsym(plugin, "grow_in_a")) ||
        _dl_find_object((void *)place, &object) != 0) {
        exit(1);
    }
    size = (size_t)((char *)object.dlfo_map_end - (char *)object.dlfo_map_start + 4095) & ~4095UL;
    char *copy = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    memcpy(copy, object.dlfo_map_start, size);
    dlclose(plugin);
    code = mmap(object.dlfo_map_start, size, PROT_READ | PROT_WRITE | PROT_EXEC,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (code != object.dlfo_map_start) {
        exit(1);
    }
    memcpy(code, copy, size);
}

static grow_fn next(void) {
    if (calls++ < GENERATED) {
        return place;
    }
    if (calls > GENERATED + 1) {
        return NULL;
    }
    munmap(code, size);
    void *plugin = dlopen(path, RTLD_NOW);
    grow_fn grow = plugin ? (grow_fn)dlsym(plugin, "grow_in_a") : NULL;
    printf("the same place: %d\n", grow == place);
    return grow;
}

int main(int argc, char **argv) {
    path = argv[1];
    generate();
    grow_all(next);
    volatile char byte = *(char *volatile)old; // HERE: stale
    free(new);
    return 0;
}
