/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/workflow_command.h"

#include "policy/base/escape.h"

#include <string.h>

/*
 * GitHub decodes %XX in messages, and also ends a property at `:` or `,`.  Line ends are shown as
 * escaped text, because one would end the command and start another.
 */
static void put(FILE *out, struct moor_slice text, bool is_property)
{
    const char *special = is_property ? "%:," : "%";
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    for (size_t i = 0; i < shown.len; i++) {
        char byte = shown.ptr[i];
        if (byte != '\0' && strchr(special, byte) != NULL) {
            (void)fprintf(out, "%%%02X", (unsigned)(unsigned char)byte);
        } else {
            (void)fputc(byte, out);
        }
    }
    moor_buf_release(&scratch);
}

void moor_workflow_command_write(FILE *out, const struct moor_workflow_command *command)
{
    (void)fprintf(out, "::%s file=", command->name);
    put(out, command->file, true);
    if (command->line > 0) {
        (void)fprintf(out, ",line=%u,col=%u", command->line, command->column);
    }
    if (command->end_column > 0) {
        (void)fprintf(out, ",endColumn=%u", command->end_column);
    }
    (void)fputs(",title=", out);
    put(out, command->title, true);
    (void)fputs("::", out);
    put(out, command->text, false);
    (void)fputc('\n', out);
}
