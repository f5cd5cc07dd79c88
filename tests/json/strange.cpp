// SPDX-License-Identifier: MIT
// Functions whose names are full of signs, in a thread with a strange name; the file is copied to a strange name too.
#include <cstdlib>
#include <map>
#include <string>
#include <sys/prctl.h>

template <typename T, char c> struct holder {
    T *old;
    char operator[](int i) {
        return old[i];
    }
    void operator<<(T value) {
        old[0] = value;
    }
};

static holder<char, '"'> make() {
    char *volatile block = static_cast<char *>(malloc(20));
    char *volatile larger = static_cast<char *>(realloc(block, 4000));
    larger[0] = 'a';
    return {block};
}

template <typename... T> static char read_all(holder<char, '"'> h, T...) {
    return h[1];
}

static char operator""_th(unsigned long long i) {
    return make()[static_cast<int>(i)];
}

int main() {
    prctl(PR_SET_NAME, "\"\\\n\xc3\xa9\xff\xe2\x82");
    make() << 'x';
    std::map<std::string, std::map<char, int>> map;
    char read = read_all(make(), map, 1, 'c', "text", [](int i) { return i; });
    return read == 4_th ? 0 : 1;
}
