/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/object/annotation.h"
#include "policy/base/array_size.h"
#include "policy/base/ascii.h"

/* Longer than any path of an annotation; a longer path is shortened. */
#define LONGEST_PATH 2048

#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }
#define IMAGE(name)                                  \
    {                                                \
        TEXT(name), {0}, MOOR_ANNOTATION_IMAGE, {0}, \
        {                                            \
            0                                        \
        }                                            \
    }
#define NAME(name)                                  \
    {                                               \
        TEXT(name), {0}, MOOR_ANNOTATION_NAME, {0}, \
        {                                           \
            0                                       \
        }                                           \
    }
#define JSON(name)                                  \
    {                                               \
        TEXT(name), {0}, MOOR_ANNOTATION_JSON, {0}, \
        {                                           \
            0                                       \
        }                                           \
    }
#define TAG(name, otherwise)                                       \
    {                                                              \
        TEXT(name), {0}, MOOR_ANNOTATION_TAG, {0}, TEXT(otherwise) \
    }
#define PAIR(repository, tag, otherwise)                                       \
    {TEXT(repository), {0}, MOOR_ANNOTATION_REPOSITORY, TEXT(tag), {0}},       \
    {                                                                          \
        TEXT(tag), {0}, MOOR_ANNOTATION_TAG, TEXT(repository), TEXT(otherwise) \
    }

/* Datadog has a key for all containers of a Pod, `java-lib`, and for one of them, `web.java-lib`.
 */
#define DATADOG(language)                                                                          \
    {TEXT("admission.datadoghq.com/"),                                                             \
     TEXT(language "-lib.custom-image"),                                                           \
     MOOR_ANNOTATION_IMAGE,                                                                        \
     {0},                                                                                          \
     {0}},                                                                                         \
    {                                                                                              \
        TEXT("admission.datadoghq.com/"), TEXT(language "-lib.version"), MOOR_ANNOTATION_TAG, {0}, \
            TEXT("gcr.io/datadoghq/dd-lib-" language "-init")                                      \
    }

#define BANK_VAULTS "secrets-webhook.security.bank-vaults.io/"
#define BANZAI      "vault.security.banzaicloud.io/"

/* clang-format off */
static const struct moor_annotation builtin[] = {
    /* Istio: istio/api annotation/annotations.yaml; for a name without a registry: istio/istio
     * manifests/charts/istio-control/istio-discovery/files/injection-template.yaml */
    NAME("sidecar.istio.io/proxyImage"),
    JSON("sidecar.istio.io/userVolume"),
    /* The injector writes it for later runs, and reads it from a template too: istio/istio
     * pkg/kube/inject/webhook.go (reapplyOverwrittenContainers) */
    JSON("proxy.istio.io/overrides"),
    /* Linkerd: linkerd.io/2-edge/reference/proxy-configuration */
    PAIR("config.linkerd.io/proxy-image", "config.linkerd.io/proxy-version",
         "cr.l5d.io/linkerd/proxy"),
    PAIR("config.linkerd.io/init-image", "config.linkerd.io/init-image-version",
         "cr.l5d.io/linkerd/proxy-init"),
    PAIR("config.linkerd.io/debug-image", "config.linkerd.io/debug-image-version",
         "cr.l5d.io/linkerd/debug"),
    /* Vault: hashicorp/vault-k8s agent-inject/agent/annotations.go */
    IMAGE("vault.hashicorp.com/agent-image"),
    JSON("vault.hashicorp.com/agent-json-patch"),
    JSON("vault.hashicorp.com/agent-init-json-patch"),
    /* OpenBao: openbao/openbao-k8s agent-inject/agent/annotations.go */
    IMAGE("openbao.openbao.org/agent-image"),
    JSON("openbao.openbao.org/agent-json-patch"),
    JSON("openbao.openbao.org/agent-init-json-patch"),
    /* Bank-Vaults: bank-vaults/secrets-webhook pkg/common/common.go (both prefixes),
     * bank-vaults.dev/docs/mutating-webhook/annotations */
    IMAGE(BANK_VAULTS "secret-init-image"),
    IMAGE(BANK_VAULTS "vault-image"),
    IMAGE(BANK_VAULTS "vault-ct-image"),
    IMAGE(BANK_VAULTS "bao-image"),
    IMAGE(BANK_VAULTS "bao-ct-image"),
    IMAGE(BANZAI "vault-image"),
    IMAGE(BANZAI "vault-env-image"),
    IMAGE(BANZAI "vault-ct-image"),
    /* Consul has annotations for volumes, none for images: hashicorp/consul-k8s
     * control-plane/connect-inject/constants/annotations_and_labels.go */
    JSON("consul.hashicorp.com/consul-sidecar-user-volume"),
    /* Dapr: dapr/dapr pkg/injector/patcher/sidecar.go,
     * docs.dapr.io/reference/arguments-annotations-overview */
    IMAGE("dapr.io/sidecar-image"),
    /* Datadog: DataDog/datadog-agent
     * pkg/clusteragent/admission/mutate/autoinstrumentation/annotation */
    IMAGE("admission.datadoghq.com/apm-inject.custom-image"),
    TAG("admission.datadoghq.com/apm-inject.version", "gcr.io/datadoghq/apm-inject"),
    DATADOG("java"), DATADOG("js"), DATADOG("python"), DATADOG("dotnet"), DATADOG("ruby"),
    DATADOG("php"),
    /* All languages at once; Java's image represents them, because they share the version. */
    TAG("admission.datadoghq.com/all-lib.version", "gcr.io/datadoghq/dd-lib-java-init"),
    /* Dynatrace: Dynatrace/dynatrace-operator pkg/webhook (AnnotationImage) */
    IMAGE("oneagent.dynatrace.com/image"),
    /* Telegraf: influxdata/telegraf-operator README.md */
    IMAGE("telegraf.influxdata.com/image"),
    /* Conjur: cyberark/sidecar-injector README.md */
    IMAGE("conjur.org/container-image"),
    /* SkyWalking: apache/skywalking-swck docs/java-agent-injector.md */
    IMAGE("sidecar.skywalking.apache.org/initcontainer.Image"),
    /* 1Password: 1Password/kubernetes-secrets-injector README.md */
    TAG("operator.1password.io/version", "docker.io/1password/op"),
};
/* clang-format on */

_Static_assert(MOOR_ARRAY_SIZE(builtin) + MOOR_ANNOTATION_MAX_OWN <= MOOR_ANNOTATION_MAX,
               "the reader has a bit for each entry");

/* Most annotations are not in the list; the length and two bytes distinguish nearly all of them. */
static unsigned hash_of(struct moor_slice key)
{
    unsigned char middle = (unsigned char)key.ptr[key.len / 2];
    unsigned char last = (unsigned char)key.ptr[key.len - 1];
    return ((unsigned)key.len * 5 + middle * 3U + last) % MOOR_ANNOTATION_HASHES;
}

struct moor_annotation_list moor_annotation_list_of(const struct moor_annotation *items,
                                                    size_t count)
{
    struct moor_annotation_list list = {.items = items, .count = count};
    for (size_t i = 0; i < count; i++) {
        if (items[i].key.len == 0) {
            continue;
        }
        if (items[i].ending.len > 0) {
            list.beginnings |= UINT64_C(1) << ((unsigned char)items[i].key.ptr[0] % 64);
            continue;
        }
        unsigned hash = hash_of(items[i].key);
        list.keys[hash / 64] |= UINT64_C(1) << (hash % 64);
    }
    return list;
}

struct moor_annotation_list moor_annotation_builtin(void)
{
    return moor_annotation_list_of(builtin, MOOR_ARRAY_SIZE(builtin));
}

static bool may_have(const struct moor_annotation_list *list, struct moor_slice key)
{
    unsigned hash = hash_of(key);
    return (list->keys[hash / 64] >> (hash % 64) & 1) != 0 ||
           (list->beginnings >> ((unsigned char)key.ptr[0] % 64) & 1) != 0;
}

static bool key_matches(const struct moor_annotation *annotation, struct moor_slice key)
{
    struct moor_slice ending = annotation->ending;
    if (ending.len == 0) {
        return moor_slice_equal(annotation->key, key);
    }
    return key.len >= annotation->key.len + ending.len &&
           moor_slice_starts_with(key, annotation->key) &&
           memcmp(key.ptr + key.len - ending.len, ending.ptr, ending.len) == 0;
}

const struct moor_annotation *moor_annotation_find(const struct moor_annotation_list *list,
                                                   struct moor_slice key)
{
    if (list == NULL || key.len == 0 || !may_have(list, key)) {
        return NULL;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (key_matches(&list->items[i], key)) {
            return &list->items[i];
        }
    }
    return NULL;
}

void moor_annotation_append_key(struct moor_buf *out, const struct moor_annotation *annotation)
{
    moor_buf_append(out, annotation->key);
    if (annotation->ending.len > 0) {
        moor_buf_append_byte(out, '*');
        moor_buf_append(out, annotation->ending);
    }
}

/* Compares without regard to case, as Go does with member names; `word` is in lower case. */
static bool has_word_at(struct moor_slice text, size_t at, struct moor_slice word)
{
    for (size_t i = 0; i < word.len; i++) {
        if (at + i >= text.len || moor_ascii_lower(text.ptr[at + i]) != word.ptr[i]) {
            return false;
        }
    }
    return true;
}

/* Escapes of letters and slashes are legal but needless in JSON, and could hide a member's name. */
static bool hides_text(struct moor_slice json, size_t at)
{
    if (!has_word_at(json, at, MOOR_SLICE("\\u00")) || at + 6 > json.len) {
        return false;
    }
    char high = json.ptr[at + 4];
    char last = moor_ascii_lower(json.ptr[at + 5]);
    return (high >= '4' && high <= '7') || (high == '2' && last == 'f');
}

static size_t skip_blanks(struct moor_slice json, size_t at)
{
    static const char blanks[] = {' ', '\t', '\r', '\n'};
    while (at < json.len && memchr(blanks, json.ptr[at], sizeof blanks) != NULL) {
        at++;
    }
    return at;
}

/* Takes the string value of the member whose key ends at `at`, unless it has escapes. */
static bool take_string(struct moor_slice *out, struct moor_slice json, size_t at)
{
    at = skip_blanks(json, at);
    if (at == json.len || json.ptr[at] != ':') {
        return false;
    }
    at = skip_blanks(json, at + 1);
    if (at == json.len || json.ptr[at] != '"') {
        return false;
    }
    size_t end = at + 1;
    while (end < json.len && json.ptr[end] != '"' && json.ptr[end] != '\\') {
        end++;
    }
    *out = moor_slice_sub(json, at + 1, end);
    return end < json.len && json.ptr[end] == '"';
}

/*
 * Finds the image in JSON of an annotation.  If a single member `image` has a plain string, `*out`
 * is that string.  `*out` is the whole text, and its form remains MOOR_ANNOTATION_JSON, for
 * anything else that may set an image: several members, a patch whose path ends in `/image`, or an
 * escape that could hide the name.  Go ignores the case of member names.  Returns false if the text
 * sets no image.
 */
static bool find_image(struct moor_slice *out, struct moor_slice json)
{
    static const struct moor_slice member = {"\"image\"", 7};
    size_t members = 0;
    bool is_plain = true;
    struct moor_slice found = {0};
    for (size_t at = 0; at < json.len; at++) {
        if (has_word_at(json, at, member)) {
            members++;
            is_plain = is_plain && take_string(&found, json, at + member.len);
        } else if (hides_text(json, at) || has_word_at(json, at, MOOR_SLICE("/image\""))) {
            members++;
            is_plain = false;
        }
    }
    *out = is_plain && members == 1 ? found : json;
    return members > 0;
}

int moor_annotation_mark(uint64_t seen[MOOR_ANNOTATION_MAX / 64],
                         const struct moor_annotation_list *list,
                         const struct moor_annotation *annotation, struct moor_error *err)
{
    size_t position = (size_t)(annotation - list->items);
    uint64_t bit = UINT64_C(1) << (position % 64);
    /* An entry with an ending matches many keys, so that it may be met again. */
    if (annotation->ending.len == 0 && (seen[position / 64] & bit) != 0) {
        return moor_error_set(err, MOOR_ERROR_VALUE, "duplicate member '%.*s'",
                              MOOR_SLICE_ARGS(annotation->key));
    }
    seen[position / 64] |= bit;
    return 0;
}

int moor_annotation_name(struct moor_object_image *image, const struct moor_annotation *annotation,
                         struct moor_slice key, struct moor_arena *arena, struct moor_error *err)
{
    struct moor_buf path;
    moor_buf_init(&path, LONGEST_PATH);
    moor_buf_append(&path, image->where);
    moor_buf_append_byte(&path, '[');
    moor_buf_append(&path, key);
    moor_buf_append_byte(&path, ']');
    int status = moor_arena_copy(arena, &image->where, moor_buf_slice(&path), err);
    moor_buf_release(&path);
    image->index = MOOR_OBJECT_NO_INDEX;
    image->name = key;
    image->annotation = annotation;
    return status;
}

static const struct moor_object_image *find_by_key(const struct moor_object *object, size_t first,
                                                   struct moor_slice key)
{
    for (size_t i = first; i < object->image_count; i++) {
        if (moor_slice_equal(object->images[i].name, key)) {
            return &object->images[i];
        }
    }
    return NULL;
}

/* Joins repository and tag. */
static int compose(struct moor_slice *out, struct moor_slice repository, struct moor_slice tag,
                   struct moor_arena *arena, struct moor_error *err)
{
    size_t len = repository.len + 1 + tag.len;
    char *text = moor_arena_alloc(arena, len);
    if (text == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for the image of an annotation");
    }
    memcpy(text, repository.ptr, repository.len);
    text[repository.len] = ':';
    memcpy(text + repository.len + 1, tag.ptr, tag.len);
    *out = (struct moor_slice){text, len};
    return 0;
}

/* Returns whether the value names an image that the injector's configuration does not complete. */
static bool names_image(const struct moor_object *object, size_t first, size_t at)
{
    const struct moor_object_image *image = &object->images[at];
    const struct moor_object_image *partner = NULL;
    struct moor_slice text = image->text;
    switch (image->annotation->form) {
    case MOOR_ANNOTATION_NAME:
        return text.len > 0 &&
               (memchr(text.ptr, '/', text.len) != NULL || memchr(text.ptr, ':', text.len) != NULL);
    case MOOR_ANNOTATION_REPOSITORY:
        partner = find_by_key(object, first, image->annotation->partner);
        return text.len > 0 && (partner == NULL || partner->text.len == 0);
    case MOOR_ANNOTATION_JSON:
        return find_image(&text, text) && text.len > 0;
    case MOOR_ANNOTATION_IMAGE:
    case MOOR_ANNOTATION_TAG:
        break;
    }
    return text.len > 0;
}

/* Gives the text of the image: the string in JSON, or a tag with its repository. */
static int put_together(struct moor_slice *out, const struct moor_object *object, size_t first,
                        size_t at, struct moor_arena *arena, struct moor_error *err)
{
    const struct moor_object_image *image = &object->images[at];
    *out = image->text;
    if (image->annotation->form == MOOR_ANNOTATION_JSON) {
        (void)find_image(out, image->text);
    }
    if (image->annotation->form != MOOR_ANNOTATION_TAG) {
        return 0;
    }
    const struct moor_object_image *partner =
        image->annotation->partner.len > 0 ? find_by_key(object, first, image->annotation->partner)
                                           : NULL;
    struct moor_slice repository =
        partner != NULL && partner->text.len > 0 ? partner->text : image->annotation->repository;
    return compose(out, repository, image->text, arena, err);
}

/* The entry for an image that JSON sets as a plain string. */
static const struct moor_annotation found_in_json = {.form = MOOR_ANNOTATION_IMAGE};

int moor_annotation_settle(struct moor_object *object, size_t first, struct moor_arena *arena,
                           struct moor_error *err)
{
    size_t count = object->image_count - first;
    /* A NULL pointer marks a value that names no image. */
    struct moor_slice *texts = count > 0 ? moor_arena_alloc(arena, count * sizeof *texts) : NULL;
    if (count > 0 && texts == NULL) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory for %zu annotations", count);
    }
    for (size_t i = 0; i < count; i++) {
        if (names_image(object, first, first + i) &&
            put_together(&texts[i], object, first, first + i, arena, err) != 0) {
            return -1;
        }
    }
    size_t kept = first;
    for (size_t i = 0; i < count; i++) {
        struct moor_object_image image = object->images[first + i];
        if (texts[i].ptr != NULL) {
            bool is_found =
                image.annotation->form == MOOR_ANNOTATION_JSON && texts[i].ptr != image.text.ptr;
            image.annotation = is_found ? &found_in_json : image.annotation;
            image.text = texts[i];
            object->images[kept++] = image;
        }
    }
    object->image_total -= object->image_count - kept;
    object->image_count = kept;
    return 0;
}
