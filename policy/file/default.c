/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/default.h"

#include <stdint.h>

/*
 * The file goes into the program as it is; the Makefile knows that this object depends on it.
 * Global names: on arm64 the assembler makes two local names of a section one entry of the table
 * that code asks for addresses, and both are then at the same place.
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
