/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/policy_export_webhook.h"

#include <openssl/evp.h>
#include <stdio.h>

#include "cmd/policy_file.h"
#include "policy/base/ascii.h"
#include "policy/export/vap.h"
#include "policy/export/webhook.h"
#include "webhook/regular_file.h"

#define MAX_BYTES    ((size_t)16 * 1024 * 1024)
#define HTTPS        "https://"
#define HIGHEST_PORT 65535

static void free_buf(struct moor_buf *buf)
{
    moor_buf_release(buf);
}

static void free_policy(struct moor_policy *const *policy)
{
    moor_policy_release(*policy);
}

/* Reads `NAMESPACE/NAME[:PORT]`.  Returns false if it has another form. */
static bool read_service(struct moor_webhook_options *out, const char *text)
{
    const char *slash = strchr(text, '/');
    if (slash == NULL) {
        return false;
    }
    /*
     * The names of Services and namespaces contain no colon, so that the first one begins the port.
     */
    size_t len = strcspn(slash + 1, ":");
    const char *port = slash[1 + len] == ':' ? slash + 2 + len : "443";
    out->namespace = (struct moor_slice){text, (size_t)(slash - text)};
    out->service = (struct moor_slice){slash + 1, len};
    out->port = 0;
    /* The loop ends above the highest port, so that a long number cannot overflow. */
    for (const char *at = port; moor_ascii_is_digit(*at) && out->port <= HIGHEST_PORT;
         port = ++at) {
        out->port = out->port * 10 + (uint64_t)(*at - '0');
    }
    /*
     * The names become part of the manifest, so that only those are accepted that need no quotes in
     * YAML.
     */
    return *port == '\0' && out->port > 0 && out->port <= HIGHEST_PORT &&
           moor_vap_is_prefix(out->namespace) && moor_vap_is_prefix(out->service);
}

/* The API server allows no user, query and fragment; the path is that of the environment. */
static bool read_url(struct moor_webhook_options *out, const char *text)
{
    struct moor_slice url = moor_slice_from(text);
    if (!moor_slice_starts_with(url, MOOR_SLICE(HTTPS)) || url.len == sizeof HTTPS - 1) {
        return false;
    }
    /*
     * Brackets are for IPv6 addresses.  Without quotes and spaces, the URL cannot add members to
     * the manifest.
     */
    for (size_t i = sizeof HTTPS - 1; i < url.len; i++) {
        char byte = url.ptr[i];
        if (!moor_ascii_is_lower(moor_ascii_lower(byte)) && !moor_ascii_is_digit(byte) &&
            (byte == '\0' || strchr(".-:[]", byte) == NULL)) {
            return false;
        }
    }
    out->url = url;
    return true;
}

/* Appends the file in base64.  Returns an exit status. */
static int read_bundle(struct moor_buf *out, const char *path)
{
    __attribute__((cleanup(free_buf))) struct moor_buf pem;
    char why[MOOR_REGULAR_FILE_WHY_BYTES];
    moor_buf_init(&pem, MOOR_CA_BUNDLE_MAX_BYTES);
    int code = moor_regular_file_read(&pem, path);
    if (code != 0) {
        return moor_command_fail("policy export: --ca-bundle: %s",
                                 moor_regular_file_explain(why, code, path));
    }
    const char begin[] = "-----BEGIN CERTIFICATE-----";
    /* A file with only a private key must not be published in a manifest by mistake. */
    if (pem.len == 0 || memmem(pem.ptr, pem.len, begin, sizeof begin - 1) == NULL) {
        return moor_command_fail("policy export: --ca-bundle: the file has no certificate in PEM");
    }
    /* Base64 has 4 bytes for each 3; EVP_EncodeBlock() adds a terminator. */
    char *room = moor_buf_extend(out, (pem.len + 2) / 3 * 4 + 1);
    if (room == NULL) {
        return moor_command_fail("policy export: no memory");
    }
    (void)EVP_EncodeBlock((unsigned char *)room, (const unsigned char *)pem.ptr, (int)pem.len);
    moor_buf_truncate(out, out->len - 1); /* the terminator */
    return MOOR_EXIT_CLEAN;
}

/* Loads the policy and prints what `append` makes of it. */
static int print(const char *path, const struct moor_webhook_options *options)
{
    __attribute__((cleanup(free_buf))) struct moor_buf text;
    struct moor_error err = {0};
    moor_buf_init(&text, MAX_BYTES);
    __attribute__((cleanup(free_policy))) struct moor_policy *policy = moor_policy_file_load(path);
    if (policy == NULL) {
        return MOOR_EXIT_UNDECIDED;
    }
    if ((options != NULL ? moor_webhook_append(&text, policy, options, &err)
                         : moor_webhook_append_facts(&text, policy, &err)) != 0) {
        return moor_command_fail("policy export: %s", err.text);
    }
    (void)fwrite(text.ptr, 1, text.len, stdout);
    return moor_command_flush(MOOR_EXIT_CLEAN);
}

int moor_policy_export_webhook(const struct moor_command *command,
                               const struct moor_policy_export_webhook *values)
{
    __attribute__((cleanup(free_buf))) struct moor_buf bundle;
    struct moor_webhook_options options = {.name = moor_slice_from(values->name),
                                           .is_static = values->is_static,
                                           .is_own_only = values->is_own_only,
                                           .excluded = values->excluded,
                                           .excluded_count = values->excluded_count};
    /* Base64 is a third longer than the file. */
    moor_buf_init(&bundle, 2 * MOOR_CA_BUNDLE_MAX_BYTES);
    if (values->url != NULL && values->service != NULL) {
        return moor_command_misused(command, "'--url' and '--service' exclude each other");
    }
    if (values->is_static && values->url == NULL) {
        return moor_command_misused(
            command, "'--static' requires '--url': the API server resolves no Service for it");
    }
    if (values->url != NULL && !read_url(&options, values->url)) {
        return moor_command_misused(command, "'--url' needs https://HOST[:PORT], without a path");
    }
    if (values->url == NULL &&
        !read_service(&options,
                      values->service != NULL ? values->service : MOOR_POLICY_EXPORT_SERVICE)) {
        return moor_command_misused(command, "'--service' needs NAMESPACE/NAME[:PORT]");
    }
    if (values->ca_bundle != NULL && read_bundle(&bundle, values->ca_bundle) != MOOR_EXIT_CLEAN) {
        return MOOR_EXIT_UNDECIDED;
    }
    options.ca_bundle = moor_buf_slice(&bundle);
    return print(values->policy, &options);
}

int moor_policy_export_chart(void)
{
    return print(NULL, NULL);
}
