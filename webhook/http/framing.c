/* SPDX-License-Identifier: Apache-2.0 */
#include "webhook/http/framing.h"

#include <stdbool.h>
#include <strings.h>

struct framing_context {
    struct moor_slice content_length;
    unsigned content_lengths;
    unsigned transfer_encodings;
    bool differ; /* Content-Length headers with different values */
    bool folded;
    bool old; /* HTTP/1.0 */
};

/* Takes the next line off `rest`, without its end. */
static struct moor_slice next_line(struct moor_slice *rest)
{
    const char *end = rest->len > 0 ? memchr(rest->ptr, '\n', rest->len) : NULL;
    size_t len = end != NULL ? (size_t)(end - rest->ptr) : rest->len;
    struct moor_slice line = {rest->ptr, len};
    *rest = moor_slice_sub(*rest, end != NULL ? len + 1 : len, rest->len);
    if (line.len > 0 && line.ptr[line.len - 1] == '\r') {
        line.len--;
    }
    return line;
}

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* RFC 9110, section 5.5, excludes leading and trailing white space from a field value. */
static struct moor_slice trim(struct moor_slice text)
{
    while (text.len > 0 && is_blank(text.ptr[0])) {
        text = moor_slice_sub(text, 1, text.len);
    }
    while (text.len > 0 && is_blank(text.ptr[text.len - 1])) {
        text.len--;
    }
    return text;
}

static bool is_named(struct moor_slice name, const char *wanted)
{
    return name.len == strlen(wanted) && strncasecmp(name.ptr, wanted, name.len) == 0;
}

/*
 * A line that begins with white space continues the previous header (obs-fold).  RFC 9112, section
 * 5.2, lets a server reject it, and libh2o accepts it.  Equal Content-Length headers are
 * unambiguous and are allowed by section 6.3.
 */
static void note_header(struct framing_context *context, struct moor_slice line)
{
    if (is_blank(line.ptr[0])) {
        context->folded = true;
        return;
    }
    const char *colon = memchr(line.ptr, ':', line.len);
    size_t len = colon != NULL ? (size_t)(colon - line.ptr) : line.len;
    struct moor_slice name = trim((struct moor_slice){line.ptr, len});
    struct moor_slice value = trim(moor_slice_sub(line, len + 1, line.len));
    if (is_named(name, "content-length")) {
        context->differ |=
            context->content_lengths > 0 && !moor_slice_equal(context->content_length, value);
        context->content_length = value;
        context->content_lengths++;
    } else if (is_named(name, "transfer-encoding")) {
        context->transfer_encodings++;
    }
}

enum moor_framing moor_framing_of(struct moor_slice head)
{
    struct framing_context context = {0};
    struct moor_slice line = next_line(&head);
    while (line.len == 0 &&
           head.len > 0) { /* RFC 9112, section 2.2, allows empty lines before a request */
        line = next_line(&head);
    }
    struct moor_slice version = moor_slice_sub(line, line.len > 8 ? line.len - 8 : 0, line.len);
    context.old = moor_slice_is(version, "HTTP/1.0");
    for (line = next_line(&head); line.len > 0; line = next_line(&head)) {
        note_header(&context, line);
    }
    /*
     * RFC 9112, section 6.1, treats Transfer-Encoding in HTTP/1.0 as faulty framing, because a
     * proxy of that version does not know it.
     */
    if (context.differ || context.folded || context.transfer_encodings > 1 ||
        (context.old && context.transfer_encodings > 0)) {
        return MOOR_FRAMING_REFUSE;
    }
    return context.transfer_encodings > 0 && context.content_lengths > 0 ? MOOR_FRAMING_CLOSE
                                                                         : MOOR_FRAMING_CLEAR;
}
