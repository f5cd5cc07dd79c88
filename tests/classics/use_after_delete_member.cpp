// SPDX-License-Identifier: MIT
// A member function deletes its object, and goes on.
// OPTIONS: seal_freed=1
// NATIVE: undefined
// REPORT: read after free; access=read; freed=freed; allocated=allocated
struct task {
    int steps = 3;
    int run() {
        delete this;  // HERE: freed
        return steps; // HERE: read
    }
};

int main() {
    task *only = new task(); // HERE: allocated
    return only->run() > 100;
}
