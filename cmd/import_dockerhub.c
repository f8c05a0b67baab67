/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Docker Hub: regular expressions of RE2 for the tags that are immutable.
 *
 * Whether they are anchored is not documented.  A policy anchors them, which trusts fewer tags.
 */
#include "cmd/import_dockerhub.h"

#include "policy/file/keys.h"
#include "policy/file/quote.h"
#include "policy/image/reference.h"

/* The name of a repository, `docker.io/NAMESPACE/NAME`. */
static int read_name(struct moor_buf *out, const json_t *object, size_t place,
                     struct moor_error *err)
{
    struct moor_reference reference;
    struct moor_error wrong = {0};
    struct moor_slice namespace = moor_import_text(object, "namespace");
    struct moor_slice name = moor_import_text(object, "name");
    moor_buf_clear(out);
    moor_buf_append_text(out, "docker.io/");
    moor_buf_append(out, namespace);
    moor_buf_append_byte(out, '/');
    moor_buf_append(out, name);
    if (moor_buf_check(out, err) != 0) {
        return -1;
    }
    /*
     * The name becomes a glob of the policy, so that it must be the name of a repository and
     * nothing more.
     */
    bool is_name = namespace.len > 0 && name.len > 0 &&
                   moor_reference_parse(&reference, moor_buf_slice(out), &wrong) == 0 &&
                   reference.tag.len == 0 && reference.digest.len == 0;
    return is_name ? 0
                   : moor_error_set(err, MOOR_ERROR_VALUE,
                                    "repository %zu has no 'namespace' and 'name': '%s'", place,
                                    moor_quote(moor_buf_slice(out)).text);
}

/* Collects the rules that a policy can express, and notes the others. */
static size_t read_rules(struct moor_import *import, struct moor_slice name, const json_t *rules,
                         struct moor_slice *out)
{
    size_t count = 0;
    for (size_t i = 0; i < json_array_size(rules); i++) {
        const json_t *rule = json_array_get(rules, i);
        struct moor_slice text = {0};
        if (json_is_string(rule)) {
            text = (struct moor_slice){json_string_value(rule), json_string_length(rule)};
        }
        const char *reason = moor_import_check_pattern(text);
        if (reason == NULL && count == MOOR_KEYS_MAX_ITEMS) {
            reason = "a list of a policy has at most 256 items";
        }
        if (reason != NULL) {
            moor_import_leave(import, name, text, reason);
        } else {
            out[count++] = text;
        }
    }
    return count;
}

static void append_entry(struct moor_import *import, struct moor_slice name, const json_t *settings)
{
    struct moor_slice patterns[MOOR_KEYS_MAX_ITEMS];
    const json_t *rules = json_object_get(settings, "rules");
    if (!json_is_true(json_object_get(settings, "enabled"))) {
        return;
    }
    /*
     * Docker Hub may mean all tags by this, but an importer must not trust more than it
     * understands.
     */
    if (json_array_size(rules) == 0) {
        moor_import_leave(import, name, MOOR_SLICE("enabled"), "it has no rules");
        return;
    }
    size_t count = read_rules(import, name, rules, patterns);
    if (count > 0) {
        moor_import_begin(import);
        moor_import_match(import, "", name, "");
        moor_import_reason(import, "Docker Hub: immutable tags");
        moor_import_patterns(import, "build", patterns, count);
    }
}

static int append_repository(struct moor_import *import, const json_t *object, size_t place,
                             struct moor_error *err)
{
    struct moor_buf name;
    const json_t *settings = json_object_get(object, "immutable_tags_settings");
    moor_buf_init(&name, 4096);
    int status = read_name(&name, object, place, err);
    if (status == 0 && settings == NULL) {
        status = moor_error_set(err, MOOR_ERROR_VALUE,
                                "repository '%s' has no 'immutable_tags_settings': the list of "
                                "repositories does not contain them, so get each repository",
                                moor_quote(moor_buf_slice(&name)).text);
    } else if (status == 0) {
        append_entry(import, moor_buf_slice(&name), settings);
    }
    moor_buf_release(&name);
    return status;
}

int moor_import_dockerhub(struct moor_import *out, const json_t *root, struct moor_error *err)
{
    /* The answer for one repository is an object, and several answers become a list. */
    if (json_is_object(root)) {
        return append_repository(out, root, 0, err);
    }
    if (json_array_size(root) == 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE,
                              "no repository: give answers of "
                              "https://hub.docker.com/v2/namespaces/NAMESPACE/repositories/NAME");
    }
    for (size_t i = 0; i < json_array_size(root); i++) {
        if (append_repository(out, json_array_get(root, i), i, err) != 0) {
            return -1;
        }
    }
    return 0;
}
