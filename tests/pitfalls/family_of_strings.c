// SPDX-License-Identifier: MIT
// Functions of the C library that give or grow a block: strdup, strndup, asprintf, getline, getdelim and
// open_memstream. What they moved is theirs. Must stay silent.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int main(void) {
    char *copy = strdup("copied"), *part = strndup("copied", 3), *printed = NULL;
    int length = asprintf(&printed, "%s %s %0500d", copy, part, 7);
    printf("%d %.20s\n", length, printed);
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    for (int i = 0; i < 1000; i++) {
        fprintf(stream, "line %d is %*d long\n", i, i, i);
    }
    fclose(stream);
    printf("%zu\n", size);
    FILE *lines = fmemopen(text, size, "r");
    char *line = NULL;
    size_t room = 0, sum = 0;
    while (getline(&line, &room, lines) > 0) {
        sum += strlen(line);
    }
    rewind(lines);
    printf("%zu %d\n", sum, getdelim(&line, &room, 'X', lines) > 0);
    fclose(lines);
    free(line);
    free(text);
    free(printed);
    free(part);
    free(copy);
    return 0;
}
