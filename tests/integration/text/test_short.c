// SPDX-License-Identifier: MIT
#include "text.h"

int main(void) {
    struct text text;
    bool ok = text_init(&text) && text_add(&text, "one") && text_add(&text, "two") &&
              !text_add(&text, "two");
    text_done(&text);
    return !ok;
}
