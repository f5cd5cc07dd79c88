// SPDX-License-Identifier: MIT
// A reference into a vector is used after it has grown.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: write after free; access=write
#include <vector>

int main() {
    std::vector<int> numbers(4, 1);
    int &first = numbers[0];
    for (int i = 0; i < 100; i++) {
        numbers.push_back(i);
    }
    first = 7; // HERE: write
    return 0;
}
