// SPDX-License-Identifier: MIT
// 1 MB of thread-local storage, which every thread gets from malloc at its first access.
static __thread char storage[1 << 20];

int tls_plugin_touch(int value) {
    storage[0] = (char)value;
    storage[sizeof(storage) - 1] = (char)value;
    return storage[0] + storage[sizeof(storage) - 1] + storage[sizeof(storage) / 2];
}
