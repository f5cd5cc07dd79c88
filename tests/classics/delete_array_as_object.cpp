// SPDX-License-Identifier: MIT
// delete in place of delete[].
// OPTIONS: mismatch=1
// NATIVE: undefined
// REPORT: mismatched delete; access=deleted; allocated=allocated
int main() {
    int *numbers = new int[16]; // HERE: allocated
    numbers[3] = 1;
    delete numbers; // HERE: deleted
    return 0;
}
