/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/default.h"

#include <stdint.h>

/*
 * The assembler embeds the file; the Makefile lists it as a dependency of this object.  The symbols
 * are global: on arm64 the assembler merges two local symbols of a section into a single entry of
 * the table of addresses, and both would then have the same address.
 */
__asm__(".section .rodata\n"
        ".balign 8\n"
        ".globl moor_default_size, moor_default_text\n"
        "moor_default_size:\n"
        ".quad 1f - moor_default_text\n"
        "moor_default_text:\n"
        ".incbin \"policy/file/default.yaml\"\n"
        "1: .byte 0\n"
        ".previous\n");

extern const uint64_t moor_default_size;
extern const char moor_default_text[];

struct moor_slice moor_policy_default_text(void)
{
    return (struct moor_slice){moor_default_text, (size_t)moor_default_size};
}
