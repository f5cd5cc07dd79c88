// SPDX-License-Identifier: MIT
// See chunk.h. No state.
#include "trace/chunk.h"

#include "base/vmem.h"

unsigned char *rg_trace_chunk_next(struct rg_trace_piece *p, struct rg_trace_chunk head,
                                   struct rg_trace_trouble *ret) {
    const uint32_t bytes = p->next_bytes ? p->next_bytes : RG_TRACE_CHUNK_FIRST;
    unsigned char *base = rg_trace_file_extend(bytes, ret);
    if (!base) {
        return NULL;
    }
    if (p->base) {
        rg_vmem_unmap(p->base, p->bytes);
    }
    p->base = base;
    p->bytes = bytes;
    p->next_bytes = bytes < RG_TRACE_CHUNK_LATER ? 2 * bytes : bytes;
    head.bytes = bytes;
    return rg_trace_chunk_head(base, head);
}

unsigned char *rg_trace_chunk_cut(struct rg_trace_piece *p, const unsigned char *used,
                                  struct rg_trace_chunk head) {
    // With a zero behind the last event: a reader may find the next chunk's head before it finds where this one ends.
    const size_t taken = rg_align_up((size_t)(used - p->base) + 1, RG_TRACE_PAGE);
    if (!p->base || taken >= p->bytes) {
        return NULL;
    }
    unsigned char *old = p->base;
    p->base += taken;
    p->bytes -= (uint32_t)taken;
    head.bytes = p->bytes;
    unsigned char *at = rg_trace_chunk_head(p->base, head);
    // Only now: until then what is behind the last event is zero, and means the end of a chunk of that length.
    atomic_store_explicit((_Atomic uint32_t *)&((struct rg_trace_chunk *)old)->bytes,
                          (uint32_t)taken, memory_order_release);
    rg_vmem_unmap(old, taken);
    return at;
}
