// SPDX-License-Identifier: MIT
// Runs a fuzz target as an ordinary program: on every file of the corpus folders it is given, on every
// beginning of each file, and on single-byte changes of it. The changes come from a fixed generator,
// so that a failure happens again.
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { MOST = 65536, CHANGES = 2000 };

static uint32_t next_random(uint32_t *state) {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    return *state;
}

// Hands the target a copy of exact size, so that a sanitizer sees every byte read past its end.
static void try_input(const uint8_t *data, size_t size) {
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy) {
        abort();
    }
    memcpy(copy, data, size);
    LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void replay(uint8_t *data, size_t size) {
    for (size_t len = 0; len <= size; len++) {
        try_input(data, len);
    }
    uint32_t state = 2463534242u;
    for (int i = 0; size > 0 && i < CHANGES; i++) {
        uint8_t *byte = &data[next_random(&state) % size];
        uint8_t before = *byte;
        *byte = (uint8_t)next_random(&state);
        try_input(data, size);
        // Every other change stays, so that the input drifts away from the file.
        if (i % 2) {
            *byte = before;
        }
    }
}

static int replay_folder(const char *folder) {
    static uint8_t data[MOST];
    DIR *dir = opendir(folder);
    if (!dir) {
        perror(folder);
        return -1;
    }
    int files = 0;
    for (struct dirent *entry = readdir(dir); entry; entry = readdir(dir)) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        FILE *file = entry->d_name[0] == '.' ? NULL : fopen(path, "rb");
        if (file) {
            replay(data, fread(data, 1, sizeof data, file));
            fclose(file);
            files++;
        }
    }
    closedir(dir);
    return files;
}

int main(int argc, char **argv) {
    int files = 0;
    for (int i = 1; i < argc; i++) {
        int found = replay_folder(argv[i]);
        if (found <= 0) {
            fprintf(stderr, "%s: no corpus files\n", argv[i]);
            return 1;
        }
        files += found;
    }
    printf("%d files\n", files);
    return files > 0 ? 0 : 1;
}
