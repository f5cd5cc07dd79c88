// SPDX-License-Identifier: MIT
// See proto_writer.h.
#include "proto_writer.h"

#include "need.h"

#include "trace/event.h"

#include <stdlib.h>
#include <string.h>

enum { WIRE_NUMBER = 0, WIRE_BYTES = 2 };

static unsigned char *room_for(struct rg_proto *p, size_t more) {
    if (p->len + more > p->cap) {
        const size_t cap = 2 * p->cap + more + 64;
        unsigned char *bytes = rg_need(cap);
        if (p->len > 0) {
            memcpy(bytes, p->bytes, p->len);
        }
        free(p->bytes);
        p->bytes = bytes;
        p->cap = cap;
    }
    return p->bytes + p->len;
}

// A varint of Protocol Buffers is one of the trace's own.
static void put_varint(struct rg_proto *p, uint64_t n) {
    unsigned char *at = room_for(p, RG_TRACE_VARINT_MOST);
    p->len += (size_t)(rg_trace_put_varint(at, n) - at);
}

static void put_bytes(struct rg_proto *p, unsigned field, const void *bytes, size_t len) {
    put_varint(p, field << 3 | WIRE_BYTES);
    put_varint(p, len);
    if (len > 0) {
        memcpy(room_for(p, len), bytes, len);
        p->len += len;
    }
}

void rg_proto_number(struct rg_proto *p, unsigned field, uint64_t number) {
    if (number != 0) {
        put_varint(p, field << 3 | WIRE_NUMBER);
        put_varint(p, number);
    }
}

void rg_proto_text(struct rg_proto *p, unsigned field, const char *text) {
    put_bytes(p, field, text, strlen(text));
}

void rg_proto_numbers(struct rg_proto *p, unsigned field, const uint64_t *numbers, size_t count) {
    struct rg_proto packed = {0};
    for (size_t i = 0; i < count; i++) {
        put_varint(&packed, numbers[i]);
    }
    rg_proto_message(p, field, &packed);
    rg_proto_done(&packed);
}

void rg_proto_message(struct rg_proto *p, unsigned field, struct rg_proto *message) {
    put_bytes(p, field, message->bytes, message->len);
    message->len = 0;
}

void rg_proto_write(struct rg_proto *p, FILE *out) {
    fwrite(p->bytes, 1, p->len, out);
    p->len = 0;
}

void rg_proto_done(struct rg_proto *p) {
    free(p->bytes);
    *p = (struct rg_proto){0};
}
