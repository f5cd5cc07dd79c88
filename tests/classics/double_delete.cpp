// SPDX-License-Identifier: MIT
// An object owned by two raw pointers.
// NATIVE: undefined
// REPORT: double delete; access=second; freed=first; allocated=allocated
struct shape {
    virtual ~shape() {
    }
    int sides[10];
};

struct holder {
    shape *owned;
};

int main() {
    shape *square = (shape *)new char[sizeof(shape)]; // not an object yet
    holder one = {square}, two = {square};
    operator delete[](one.owned);
    one.owned = new shape(); // HERE: allocated
    two.owned = one.owned;
    operator delete(one.owned); // HERE: first
    operator delete(two.owned); // HERE: second
    return 0;
}
