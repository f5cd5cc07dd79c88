// SPDX-License-Identifier: MIT
// A program that runs with other preloaded libraries, or is linked with another allocator; check_company.py
// says how. Its output is to be the same with and without the guard; its one misuse is a stale read.
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

// What the allocators call their functions besides malloc. Absent unless one is there.
void *mallocx(size_t size, int flags) __attribute__((weak));
void *tc_malloc(size_t size) __attribute__((weak));

static void *use_clock(void *unused) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    struct tm utc;
    gmtime_r(&now.tv_sec, &utc);
    free(strdup("a block of the thread's own"));
    printf("year: %s\n", utc.tm_year + 1900 == 1999 ? "1999" : "today's");
    return unused;
}

static void use_by_other_name(char *block) {
    strcpy(block, "by another name");
    block = realloc(block, 3000);
    printf("%s\n", block);
    free(block);
}

static int use_stale(void) {
    char *volatile old = malloc(40);
    strcpy(old, "moved");
    char *now = realloc(old, 400);
    volatile char byte = old[1]; // HERE: stale
    printf("%s\n", now);
    free(now);
    return 0;
}

int main(int argc, char **argv) {
    int ends[2];
    struct stat st;
    pthread_t thread;
    pipe(ends);
    printf("fsync of a pipe: %d\n", fsync(ends[0]));
    printf("stat: %d\n", stat("/", &st));
    pthread_create(&thread, NULL, use_clock, NULL);
    pthread_join(thread, NULL);
    if (mallocx || tc_malloc) {
        use_by_other_name(mallocx ? mallocx(100, 0) : tc_malloc(100));
    }
    fflush(stdout);
    if (fork() == 0) {
        char *text = strdup("a block of the child's");
        printf("child: %s\n", text);
        free(text);
        return 0;
    }
    int status;
    wait(&status);
    printf("child: %d\n", status);
    return argc > 1 ? 0 : use_stale();
}
