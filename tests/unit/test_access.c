// SPDX-License-Identifier: MIT
// Claims about the access decoder, on instructions that the assembler has encoded.
#include "front/access.h"

#include "support.h"

// One row of the table that the assembler makes from INSTRUCTIONS.
struct row {
    const uint8_t *start, *end;
    const char *text;
    size_t bytes;
};

// clang-format off
#define INSTRUCTIONS(I)                                                                            \
    /* moves */                                                                                    \
    I("movb (%rax), %cl", 1) I("movb %sil, (%rax)", 1) I("movb $1, 5(%rax,%rbx,2)", 1)             \
    I("movw (%rax), %cx", 2) I("movw %r8w, (%r9)", 2) I("movw $1, (%rax)", 2)                      \
    I("movl (%rax), %ecx", 4) I("movl %ecx, 8(%rsp)", 4) I("movl $1, (%r12)", 4)                   \
    I("movq (%rax), %rcx", 8) I("movq %r15, (%r14)", 8) I("movq $1, (%rax)", 8)                    \
    I("movq 0x1234(%rip), %rax", 8) I("movl %fs:(%rax), %ecx", 4) I("movl %gs:8(%rax), %ecx", 4)   \
    I("movl (%eax), %ecx", 4) I("movq %fs:0x28, %rax", 8)                                          \
    I("movzbl (%rax), %ecx", 1) I("movzbw (%rax), %cx", 1) I("movzbq (%r8), %rcx", 1)              \
    I("movzwl (%rax), %ecx", 2) I("movzwq (%rax), %rcx", 2)                                        \
    I("movsbl (%rax), %ecx", 1) I("movsbq (%rax), %rcx", 1) I("movswl (%rax), %ecx", 2)            \
    I("movswq (%rax), %rcx", 2) I("movslq (%rax), %rcx", 4)                                        \
    I("movnti %eax, (%rcx)", 4) I("movnti %rax, (%rcx)", 8)                                        \
    I("movbe (%rax), %ecx", 4) I("movbe %rcx, (%rax)", 8) I("movbe (%rax), %cx", 2)                \
    I("xchgb %cl, (%rax)", 1) I("xchgl %ecx, (%rax)", 4) I("xchgq %rcx, (%rax)", 8)                \
    I("cmovel (%rax), %ecx", 4) I("cmovneq (%rax), %rcx", 8) I("cmovsw (%rax), %cx", 2)            \
    I("cmovgl (%r8), %r9d", 4) I("sete (%rax)", 1) I("setg (%r8)", 1)                              \
    /* arithmetic */                                                                               \
    I("addb (%rax), %cl", 1) I("addw %cx, (%rax)", 2) I("addl (%rax), %ecx", 4)                    \
    I("addq %rcx, (%rax)", 8) I("addl $1, (%rax)", 4) I("addq $1000, (%rax)", 8)                   \
    I("addb $1, (%rax)", 1) I("addw $1000, (%rax)", 2) I("orl %ecx, (%rax)", 4)                    \
    I("adcq (%rax), %rcx", 8) I("sbbb %cl, (%rax)", 1) I("andq $-16, (%rax)", 8)                   \
    I("subl (%rax), %ecx", 4) I("xorw (%rax), %cx", 2) I("cmpb $0, (%rax)", 1)                     \
    I("cmpl %ecx, (%rax)", 4) I("cmpq (%rax), %rcx", 8) I("cmpw $5, (%rax)", 2)                    \
    I("testb $1, (%rax)", 1) I("testl $1, (%rax)", 4) I("testq %rcx, (%rax)", 8)                   \
    I("testb %cl, (%rax)", 1) I("notb (%rax)", 1) I("negl (%rax)", 4) I("notq (%rax)", 8)          \
    I("mull (%rax)", 4) I("imulq (%rax)", 8) I("divw (%rax)", 2) I("idivl (%rax)", 4)              \
    I("imull (%rax), %ecx", 4) I("imulq $9, (%rax), %rcx", 8) I("imull $999, (%rax), %ecx", 4)     \
    I("incb (%rax)", 1) I("incl (%rax)", 4) I("decq (%rax)", 8) I("decw (%rax)", 2)                \
    I("shll (%rax)", 4) I("shrq $3, (%rax)", 8) I("sarb %cl, (%rax)", 1) I("roll %cl, (%rax)", 4)  \
    I("sarb $2, (%rax)", 1) I("shlb (%rax)", 1)                                                    \
    I("btl $3, (%rax)", 4) I("btsq $3, (%rax)", 8) I("bsfl (%rax), %ecx", 4)                       \
    I("bsrq (%rax), %rcx", 8) I("tzcntl (%rax), %ecx", 4) I("lzcntq (%rax), %rcx", 8)              \
    I("popcntl (%rax), %ecx", 4) I("popcntq (%rax), %rcx", 8)                                      \
    I("shldl $3, %ecx, (%rax)", 4) I("shrdq %cl, %rdx, (%rax)", 8)                                 \
    I("crc32b (%rax), %ecx", 1) I("crc32l (%rax), %ecx", 4) I("crc32q (%rax), %rcx", 8)            \
    /* atomics */                                                                                  \
    I("lock; incl (%rax)", 4) I("lock; addq $1, (%rax)", 8) I("lock; xaddl %ecx, (%rax)", 4)       \
    I("lock; xaddb %cl, (%rax)", 1) I("lock; cmpxchgl %ecx, (%rax)", 4)                            \
    I("lock; cmpxchgb %cl, (%rax)", 1) I("lock; cmpxchgq %rcx, (%rax)", 8)                         \
    I("lock; cmpxchg8b (%rax)", 8) I("lock; cmpxchg16b (%rax)", 16)                                \
    /* control and stack */                                                                        \
    I("pushq (%rax)", 8) I("popq (%rax)", 8) I("jmp *(%rax)", 8) I("call *(%rax)", 8)              \
    I("pushw (%rax)", 2) I("popw (%rax)", 2) I("call *0x1000(%rip)", 8) I("jmp *(,%rax,8)", 8)     \
    I("lcall *(%rax)", 0)                                                                          \
    /* strings */                                                                                  \
    I("movsb", 1) I("movsw", 2) I("movsl", 4) I("movsq", 8) I("rep; movsb", 1)                     \
    I("rep; movsq", 8) I("stosb", 1) I("rep; stosb", 1) I("rep; stosq", 8) I("stosw", 2)           \
    I("lodsb", 1) I("lodsq", 8) I("repe; cmpsb", 1) I("cmpsl", 4) I("repne; scasb", 1)             \
    I("scasq", 8)                                                                                  \
    /* SSE */                                                                                      \
    I("movss (%rax), %xmm0", 4) I("movss %xmm0, (%rax)", 4) I("movsd (%rax), %xmm0", 8)            \
    I("movsd %xmm8, (%r9)", 8) I("movups (%rax), %xmm0", 16) I("movups %xmm0, (%rax)", 16)         \
    I("movaps (%rax), %xmm0", 16) I("movaps %xmm9, (%r9)", 16) I("movupd (%rax), %xmm0", 16)       \
    I("movapd %xmm0, (%rax)", 16) I("movdqu (%rax), %xmm0", 16) I("movdqu %xmm0, (%rax)", 16)      \
    I("movdqa (%rax), %xmm0", 16) I("movdqa %xmm0, (%rax)", 16) I("movntdq %xmm0, (%rax)", 16)     \
    I("movntps %xmm0, (%rax)", 16) I("lddqu (%rax), %xmm0", 16)                                    \
    I("movlps (%rax), %xmm0", 8) I("movlps %xmm0, (%rax)", 8) I("movhps (%rax), %xmm0", 8)         \
    I("movhps %xmm0, (%rax)", 8) I("movlpd (%rax), %xmm0", 8) I("movhpd %xmm0, (%rax)", 8)         \
    I("movd (%rax), %xmm0", 4) I("movd %xmm0, (%rax)", 4) I("movq (%rax), %xmm0", 8)               \
    I("movq %xmm0, (%rax)", 8) I("movddup (%rax), %xmm0", 8)                                       \
    I("addss (%rax), %xmm0", 4) I("addsd (%rax), %xmm0", 8) I("addps (%rax), %xmm0", 16)           \
    I("mulpd (%rax), %xmm0", 16) I("sqrtsd (%rax), %xmm0", 8) I("divss (%rax), %xmm0", 4)          \
    I("ucomiss (%rax), %xmm0", 4) I("comisd (%rax), %xmm0", 8)                                     \
    I("cvtsi2sdl (%rax), %xmm0", 4) I("cvtsi2sdq (%rax), %xmm0", 8)                                \
    I("cvttsd2si (%rax), %ecx", 8) I("cvttss2si (%rax), %rcx", 4) I("cvtss2sd (%rax), %xmm0", 4)   \
    I("cvtsd2ss (%rax), %xmm0", 8)                                                                 \
    I("pxor (%rax), %xmm0", 16) I("pcmpeqb (%rax), %xmm0", 16) I("pminub (%rax), %xmm0", 16)       \
    I("paddq (%rax), %xmm0", 16) I("pshufd $3, (%rax), %xmm0", 16)                                 \
    I("punpcklbw (%rax), %xmm0", 16) I("pshufb (%rax), %xmm0", 16)                                 \
    I("palignr $3, (%rax), %xmm0", 16) I("pcmpistri $3, (%rax), %xmm0", 16)                        \
    I("movsldup (%rax), %xmm0", 16) I("movshdup (%rax), %xmm0", 16)                                \
    I("cvtps2pd (%rax), %xmm0", 8) I("cvtdq2pd (%rax), %xmm0", 8) I("cvttps2dq (%rax), %xmm0", 16) \
    I("cvtpd2ps (%rax), %xmm0", 16) I("cvtdq2ps (%rax), %xmm0", 16) I("cvtsd2si (%rax), %ecx", 8)  \
    I("cmpss $1, (%rax), %xmm0", 4) I("cmpsd $1, (%rax), %xmm0", 8) I("cmpps $1, (%rax), %xmm0", 16) \
    I("shufps $1, (%rax), %xmm0", 16)                                                              \
    I("movq (%rax), %mm0", 8) I("movq %mm0, (%rax)", 8) I("paddb (%rax), %mm0", 8)                 \
    /* AVX */                                                                                      \
    I("vmovdqu (%rax), %xmm0", 16) I("vmovdqu (%rax), %ymm0", 32) I("vmovdqu %ymm0, (%rax)", 32)   \
    I("vmovdqa %ymm8, (%r9)", 32) I("vmovups (%r8,%r9,1), %ymm10", 32) I("vmovntdq %ymm0, (%rax)", 32) \
    I("vmovss (%rax), %xmm0", 4) I("vmovsd %xmm0, (%rax)", 8) I("vmovq (%rax), %xmm0", 8)          \
    I("vmovq %xmm0, (%rax)", 8) I("vmovd (%rax), %xmm0", 4) I("vmovd %xmm8, (%r9)", 4)             \
    I("vmovddup (%rax), %xmm0", 8) I("vmovddup (%rax), %ymm0", 32) I("vmovshdup (%rax), %ymm0", 32) \
    I("vcvtps2pd (%rax), %ymm0", 16) I("vcvtdq2pd (%rax), %ymm0", 16)                              \
    I("vmovlps %xmm0, (%rax)", 8) I("vpcmpeqb (%rax), %ymm0, %ymm1", 32)                           \
    I("vpcmpeqb (%r8), %xmm0, %xmm1", 16) I("vpminub 32(%rdi), %ymm0, %ymm1", 32)                  \
    I("vpxor (%rax), %xmm0, %xmm1", 16) I("vaddsd (%rax), %xmm0, %xmm1", 8)                        \
    I("vaddps (%rax), %ymm0, %ymm1", 32) I("vpshufb (%rax), %ymm0, %ymm1", 32)                     \
    I("vfmadd213ps (%rax), %ymm0, %ymm1", 32)                                                      \
    /* AVX-512 */                                                                                  \
    I("vmovdqu64 (%rax), %zmm0", 64) I("vmovdqu64 %zmm16, (%rax)", 64)                             \
    I("vmovdqu8 (%rax), %ymm16", 32) I("vmovdqu64 (%rsi), %xmm16", 16)                             \
    I("vmovdqa64 %ymm17, 32(%rdi)", 32) I("vmovups (%rax), %zmm1", 64)                             \
    I("vpcmpeqb (%rdi), %ymm16, %k0", 32) I("vpcmpub $0, (%rdi), %zmm16, %k1", 64)                 \
    I("vpminub 64(%rdi), %zmm16, %zmm17", 64) I("vpternlogd $0xde, (%rsi), %ymm16, %ymm17", 32)    \
    /* not known, and no access at all */                                                          \
    I("vpbroadcastb (%rax), %ymm0", 0) I("pmovzxbw (%rax), %xmm0", 0)                              \
    I("vpgatherdd %ymm1, (%rax,%ymm2), %ymm0", 0) I("fldl (%rax)", 0) I("nop", 0) I("ret", 0)

#define ENCODE(assembler, bytes)                                                                   \
    __asm__(".pushsection rg_code, \"ax\"\n1:\t" assembler "\n2:\n.popsection\n"                   \
            ".pushsection rg_texts, \"a\"\n3:\t.asciz \"" assembler "\"\n.popsection\n"            \
            ".pushsection rg_rows, \"aw\"\n\t.quad 1b, 2b, 3b, " #bytes "\n.popsection\n");
INSTRUCTIONS(ENCODE)
// clang-format on

extern const struct row __start_rg_rows[], __stop_rg_rows[];

static void knows_the_size_of_every_common_access(void **state) {
    (void)state;
    size_t wrong = 0, count = 0;
    for (const struct row *r = __start_rg_rows; r < __stop_rg_rows; r++, count++) {
        uint8_t code[16];
        size_t len = (size_t)(r->end - r->start);
        memset(code, 0x90, sizeof code);
        memcpy(code, r->start, len);
        size_t got = rg_access_bytes(code, sizeof code);
        if (got != r->bytes) {
            fprintf(stderr, "%s: %zu bytes, not %zu:", r->text, got, r->bytes);
            for (size_t i = 0; i < len; i++) {
                fprintf(stderr, " %02x", r->start[i]);
            }
            fprintf(stderr, "\n");
            wrong++;
        }
    }
    assert_true(count > 200);
    assert_int_equal(wrong, 0);
}

// A copy of exact size, so that a sanitizer sees every byte read past its end.
static size_t decode_exactly(const uint8_t *code, size_t len) {
    uint8_t *copy = malloc(len ? len : 1);
    require(copy != NULL);
    memcpy(copy, code, len);
    size_t bytes = rg_access_bytes(copy, len);
    free(copy);
    return bytes;
}

static void reads_nothing_past_the_bytes_it_may_read(void **state) {
    (void)state;
    for (const struct row *r = __start_rg_rows; r < __stop_rg_rows; r++) {
        size_t len = (size_t)(r->end - r->start);
        for (size_t n = 0; n <= len; n++) {
            size_t bytes = decode_exactly(r->start, n);
            require(bytes <= 64);
            require(n < len || bytes == r->bytes);
        }
    }
}

static void takes_any_bytes_for_an_instruction(void **state) {
    (void)state;
    uint64_t seed = 31;
    for (int i = 0; i < 300000; i++) {
        uint8_t code[16];
        for (size_t k = 0; k < sizeof code; k++) {
            code[k] = (uint8_t)next_random(&seed);
        }
        require(decode_exactly(code, random_below(&seed, sizeof code + 1)) <= 64);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(knows_the_size_of_every_common_access),
        cmocka_unit_test(reads_nothing_past_the_bytes_it_may_read),
        cmocka_unit_test(takes_any_bytes_for_an_instruction),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
