// SPDX-License-Identifier: MIT
// Builds messages of Protocol Buffers in memory. The one schema that is written here has integers, texts and messages
// only; protobuf-c would make more code of it, in the build, than this is. Zero-filled it is an empty message.
#ifndef RG_TOOLS_PROTO_WRITER_H
#define RG_TOOLS_PROTO_WRITER_H

#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

struct rg_proto {
    unsigned char *bytes;
    size_t len, cap;
};

// A field of 0 is left out, as its reader takes it for that.
void rg_proto_number(struct rg_proto *p, unsigned field, uint64_t number);

void rg_proto_text(struct rg_proto *p, unsigned field, const char *text); // UTF-8
void rg_proto_numbers(struct rg_proto *p, unsigned field, const uint64_t *numbers, size_t count);

// Adds the message as a field, and makes it empty.
void rg_proto_message(struct rg_proto *p, unsigned field, struct rg_proto *message);

// Writes what there is, and makes it empty. Fields of one message may be written piece by piece.
void rg_proto_write(struct rg_proto *p, FILE *out);

void rg_proto_done(struct rg_proto *p);

#endif
