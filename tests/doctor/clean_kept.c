// SPDX-License-Identifier: MIT
// Blocks whose realloc fails, and that are used and freed, or stay known to somebody: to variables of all kinds, to a
// block, by a pointer into their middle or right behind them.
// OPTIONS: fail_realloc='site:*failing*'
#include "doctor.h"

struct node {
    struct node *next;
    char *data;
};

static char *global, *middle, *end;
static struct node *list;
static __thread char *of_thread;

static char *failing(char *block) {
    return (char *)realloc(block, block_size * 2);
}

static char *make(void) {
    char *block = (char *)malloc(block_size);
    memset(block, 'x', block_size);
    return block;
}

static void free_after_failure(void) {
    char *block = make();
    char *larger = failing(block);
    block = larger ? larger : block;
    block[5] = 'y';
    free(block);
}

static void grow_after_failure(void) {
    char *block = make();
    char *larger = failing(block);
    block = larger ? larger : block;
    block = (char *)realloc(block, block_size * 3);
    block[block_size * 3 - 1] = 'y';
    free(block);
}

static void keep(void) {
    static char *local;
    global = make();
    local = make();
    of_thread = make();
    failing(global);
    failing(local);
    failing(of_thread);
    list = (struct node *)malloc(sizeof *list);
    list->next = NULL;
    list->data = make();
    failing(list->data);
}

static void keep_parts(void) {
    char *first = make(), *second = make();
    middle = first + 10;
    end = second + block_size;
    failing(first);
    failing(second);
}

static void work(void) {
    volatile char room[10000];
    free_after_failure();
    grow_after_failure();
    keep();
    keep_parts();
    memset((void *)room, 1, sizeof room);
    puts("done");
}
