/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/file/quote.h"
#include "policy/base/utf8.h"

struct moor_quoted moor_quote(struct moor_slice text)
{
    struct moor_quoted quoted = {{0}};
    const size_t most = sizeof quoted.text - sizeof "...";
    size_t len = text.len;
    if (len > most) {
        len = most;
        while (len > 0 && moor_utf8_continues(text.ptr[len])) {
            len--;
        }
    }
    for (size_t i = 0; i < len; i++) {
        quoted.text[i] = text.ptr[i] != '\0' ? text.ptr[i] : '?';
    }
    if (len < text.len) {
        memcpy(quoted.text + len, "...", sizeof "...");
    }
    return quoted;
}
