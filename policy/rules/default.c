/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/rules/loader.h"

/* The file goes into the program as it is; the Makefile knows that this object depends on it. */
__asm__(".section .rodata\n"
        "moor_default_begin:\n"
        ".incbin \"policy/rules/default.yaml\"\n"
        "moor_default_end:\n"
        ".byte 0\n"
        ".previous\n");

extern const char moor_default_begin[];
extern const char moor_default_end[];

struct moor_slice moor_policy_default_text(void)
{
    return (struct moor_slice){moor_default_begin, (size_t)(moor_default_end - moor_default_begin)};
}
