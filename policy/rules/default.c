/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/loader.h"

/* The file goes into the program as it is; the Makefile knows that this object depends on it. */
__asm__(".section .rodata\n"
        ".balign 8\n"
        "moor_default_size:\n"
        ".quad 1f - moor_default_text\n"
        "moor_default_text:\n"
        ".incbin \"policy/rules/default.yaml\"\n"
        "1: .byte 0\n"
        ".previous\n");

extern const uint64_t moor_default_size;
extern const char moor_default_text[];

struct moor_slice moor_policy_default_text(void)
{
    return (struct moor_slice){moor_default_text, (size_t)moor_default_size};
}
