// SPDX-License-Identifier: MIT
// Misuses in functions whose names hold what means something in suppressions: * ^ $ # , and spaces. Each is in a function of its own,
// but for the last two, which differ in who calls it; one is in the C library.
#include <cstdlib>
#include <cstring>

struct cursor {
    char *at;
    void operator*() {
        at[1] = 1;
    }
    void operator^(int) {
        at[2] = 1;
    }
};

static void $begin(char *old) {
    old[3] = 1;
}

static void end$(char *old) {
    old[4] = 1;
}

template <typename A, typename B> static void two(char *old) {
    old[5] = 1;
}

static void shared(char *old) {
    old[6] = 1;
}

static void first_caller(char *old) {
    shared(old);
}

static void second_caller(char *old) {
    volatile char room[200] = {1}; // the stack is not as it was
    shared(old + room[1]);
}

static void copy_into(char *old, const char *from, size_t n) {
    memcpy(old, from, n);
}

static char *overrun_block(size_t size) {
    char *p = (char *)calloc(1, size);
    p[size] = 'x';
    return p;
}

int main(int argc, char **argv) {
    static char from[200];
    char *old = (char *)malloc(400);
    char *volatile kept = (char *)realloc(old, 4000);
    (void)argv;
    cursor c = {old};
    *c;
    c ^ 1;
    $begin(old);
    end$(old);
    two<char *, unsigned long>(old);
    auto nameless = [](char *p, int) { p[7] = 1; };
    nameless(old, argc);
    copy_into(old, from, sizeof from);
    free(overrun_block(13));
    first_caller(old);
    second_caller(old);
    free(kept);
    return 0;
}
