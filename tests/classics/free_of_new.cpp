// SPDX-License-Identifier: MIT
// free of what came from new.
// OPTIONS: mismatch=1
// NATIVE: undefined
// REPORT: mismatched free; access=freed; allocated=allocated
#include <cstdlib>

struct point {
    double x, y;
};

int main() {
    point *origin = new point(); // HERE: allocated
    origin->x = 1;
    std::free(origin); // HERE: freed
    return 0;
}
