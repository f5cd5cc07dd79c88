// SPDX-License-Identifier: MIT
// The characters of a string that is gone.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=read
#include <string>

static const char *name_of(int number) {
    std::string name(40, (char)('a' + number));
    return name.c_str();
}

int main() {
    const char *name = name_of(3);
    return name[0] == 'z'; // HERE: read
}
