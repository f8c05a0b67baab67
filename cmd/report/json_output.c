/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/json_output.h"

#include "policy/base/escape.h"

void moor_json_output_init(struct moor_json_output *output, FILE *out, uint32_t lines)
{
    output->out = out;
    /* The buffer is emptied after each item, so that its size is that of the largest item. */
    moor_buf_init(&output->bytes, SIZE_MAX);
    moor_json_writer_init_lines(&output->json, &output->bytes, lines);
}

/* After a failure, nothing more is written: truncated output is not valid JSON, a gap could be. */
void moor_json_output_flush(struct moor_json_output *output)
{
    if (output->bytes.len > 0 && !output->bytes.failed) {
        (void)fwrite(output->bytes.ptr, 1, output->bytes.len, output->out);
        moor_buf_clear(&output->bytes);
    }
}

void moor_json_output_end(struct moor_json_output *output)
{
    /*
     * In POSIX, the last line of a text ends with a newline too; a shell drops a line without one
     * in `while read`.
     */
    moor_buf_append_byte(&output->bytes, '\n');
    moor_json_output_flush(output);
    moor_buf_release(&output->bytes);
}

/* JSON permits control and bidirectional characters in texts, and terminals obey them. */
void moor_json_output_string(struct moor_json_writer *json, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    moor_json_string(json, moor_escaped(&scratch, text, text.len));
    moor_buf_release(&scratch);
}

void moor_json_output_member(struct moor_json_writer *json, const char *name,
                             struct moor_slice text)
{
    /* An absent member means an unknown or empty text; consumers need not test for both. */
    if (text.len > 0) {
        moor_json_key(json, name);
        moor_json_output_string(json, text);
    }
}

void moor_json_output_key(struct moor_json_writer *json, struct moor_slice name)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    moor_json_key_any(json, moor_escaped(&scratch, name, name.len));
    moor_buf_release(&scratch);
}

void moor_json_output_object(struct moor_json_writer *json, const char *name)
{
    moor_json_key(json, name);
    moor_json_object_begin(json);
}

void moor_json_output_array(struct moor_json_writer *json, const char *name)
{
    moor_json_key(json, name);
    moor_json_array_begin(json);
}
