/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/input/values/key.h"

#include "policy/base/array_size.h"

#include <strings.h>

/* The last words of keys, and the parts that they name. */
static const struct {
    const char *word;
    enum moor_values_part part;
} parts[] = {
    {"image", MOOR_VALUES_IMAGE},       {"repository", MOOR_VALUES_REPOSITORY},
    {"repo", MOOR_VALUES_REPOSITORY},   {"name", MOOR_VALUES_NAME},
    {"registry", MOOR_VALUES_REGISTRY}, {"tag", MOOR_VALUES_TAG},
    {"version", MOOR_VALUES_VERSION},   {"digest", MOOR_VALUES_DIGEST},
    {"sha", MOOR_VALUES_DIGEST},        {"sha256", MOOR_VALUES_DIGEST},
};

static bool is_separator(char byte)
{
    return byte == '_' || byte == '-' || byte == '.';
}

/* Not isupper(), whose result depends on the locale. */
static bool is_upper(char byte)
{
    return byte >= 'A' && byte <= 'Z';
}

/*
 * Returns whether `text` ends with `word`, in any case, as a word of its own: at the start, after a
 * separator, or with an upper-case letter after another one, as in `thanosImage`.
 */
static bool ends_with_word(struct moor_slice text, const char *word)
{
    size_t len = strlen(word);
    if (text.len < len || strncasecmp(text.ptr + text.len - len, word, len) != 0) {
        return false;
    }
    size_t start = text.len - len;
    return start == 0 || is_separator(text.ptr[start - 1]) ||
           (is_upper(text.ptr[start]) && !is_upper(text.ptr[start - 1]));
}

/* Removes a last word of `len` bytes, and the separator before it. */
static struct moor_slice without(struct moor_slice text, size_t len)
{
    size_t end = text.len - len;
    return moor_slice_sub(text, 0, end > 0 && is_separator(text.ptr[end - 1]) ? end - 1 : end);
}

struct moor_values_key moor_values_key_read(struct moor_slice key)
{
    struct moor_values_key out = {.part = MOOR_VALUES_NONE};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(parts); i++) {
        if (ends_with_word(key, parts[i].word)) {
            out.part = parts[i].part;
            out.prefix = without(key, strlen(parts[i].word));
            break;
        }
    }
    out.says_image = out.part == MOOR_VALUES_IMAGE;
    /*
     * In `imageTag`, the word `image` says what the tag is of; without it, the prefix tells the
     * images of one mapping apart.
     */
    if (!out.says_image && ends_with_word(out.prefix, "image")) {
        out.says_image = true;
        out.prefix = without(out.prefix, strlen("image"));
    }
    return out;
}

bool moor_values_key_is_image(struct moor_slice key)
{
    return ends_with_word(key, "image");
}

bool moor_values_key_is_digest(struct moor_slice key)
{
    return ends_with_word(key, "digest");
}

bool moor_values_key_is_images(struct moor_slice key)
{
    return ends_with_word(key, "images");
}

bool moor_values_key_is_containers(struct moor_slice key)
{
    return ends_with_word(key, "containers") || ends_with_word(key, "sidecars");
}

static bool is_among(struct moor_slice key, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (moor_slice_is(key, names[i])) {
            return true;
        }
    }
    return false;
}

bool moor_values_key_is_of_container(struct moor_slice key)
{
    /* Members that only a container has: beside them, `image` is certainly what runs. */
    static const char *const names[] = {"command", "args", "imagePullPolicy", "volumeMounts",
                                        "workingDir"};
    return is_among(key, names, MOOR_ARRAY_SIZE(names));
}

bool moor_values_key_is_of_prose(struct moor_slice key)
{
    /* A text below these keys can mention an image that the chart does not run. */
    static const char *const words[] = {"description", "title",    "comment", "note",  "notes",
                                        "url",         "uri",      "href",    "link",  "host",
                                        "address",     "endpoint", "server",  "chart", "source"};
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(words); i++) {
        if (ends_with_word(key, words[i])) {
            return true;
        }
    }
    return false;
}

bool moor_values_key_is_of_source(struct moor_slice key)
{
    /* Beside these keys, `repository` and `tag` are those of Git or of a chart. */
    static const char *const names[] = {"branch", "ref",     "revision", "chart",
                                        "url",    "repoURL", "rev",      "gitRef"};
    return is_among(key, names, MOOR_ARRAY_SIZE(names));
}
