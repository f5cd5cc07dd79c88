// SPDX-License-Identifier: MIT
// A shared object that test_modules.c loads and unloads. NAME is its only function.
int NAME(int a);

int NAME(int a) {
    return a * 3 + 1;
}
