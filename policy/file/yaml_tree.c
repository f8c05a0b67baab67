/* SPDX-License-Identifier: Apache-2.0 */
#include <yaml.h>

#include "policy/base/array_size.h"
#include "policy/file/quote.h"
#include "policy/file/yaml_error.h"
#include "policy/file/yaml_text.h"
#include "policy/file/yaml_tree.h"

/* An open list or mapping. */
struct frame {
    struct moor_yaml_node *node;
    struct moor_yaml_node *last; /* the last child */
    struct moor_yaml_node *key;  /* a key whose value comes next */
};

struct builder {
    struct moor_arena *arena;
    struct moor_error *err;
    struct moor_yaml_node *root;
    size_t documents;
    size_t nodes;
    size_t depth;
    /* An explicit stack and no recursion: the depth of the file must not decide about the stack. */
    struct frame frames[MOOR_YAML_MAX_DEPTH];
};

static int fail(struct builder *builder, yaml_mark_t mark, enum moor_error_code code,
                const char *text)
{
    builder->err->line = (uint32_t)mark.line + 1;
    builder->err->column = (uint32_t)mark.column + 1;
    return moor_error_set(builder->err, code, "%s", text);
}

static struct moor_yaml_node *new_node(struct builder *builder, enum moor_yaml_kind kind,
                                       yaml_mark_t mark)
{
    /*
     * Two bytes of a flow list, such as `1,`, make a node of many bytes, so a limit of the file's
     * size alone would not limit the memory enough.
     */
    if (builder->nodes == MOOR_YAML_MAX_NODES) {
        (void)fail(builder, mark, MOOR_ERROR_LIMIT,
                   "the file has more than 65,536 keys and values: use fewer");
        return NULL;
    }
    struct moor_yaml_node *node = moor_arena_alloc(builder->arena, sizeof *node);
    if (node == NULL) {
        (void)fail(builder, mark, MOOR_ERROR_MEMORY, "no memory for the file's values");
        return NULL;
    }
    builder->nodes++;
    *node = (struct moor_yaml_node){
        .kind = kind, .line = (uint32_t)mark.line + 1, .column = (uint32_t)mark.column + 1};
    return node;
}

static int take_key(struct builder *builder, struct frame *frame, struct moor_yaml_node *node,
                    yaml_mark_t mark)
{
    if (node->kind != MOOR_YAML_SCALAR) {
        return fail(builder, mark, MOOR_ERROR_SYNTAX,
                    "a key must be a string, not a list or a mapping");
    }
    /*
     * In quotes, `<<` is an ordinary key.  Plain, it is a merge key only in YAML 1.1, so parsers
     * disagree about the content of the mapping.
     */
    if (node->is_plain && moor_slice_is(node->text, "<<")) {
        return fail(builder, mark, MOOR_ERROR_SYNTAX,
                    "unsupported merge key '<<': write the keys out");
    }
    frame->key = node;
    return 0;
}

/* Appends a node to the innermost open list or mapping. */
static int attach(struct builder *builder, struct moor_yaml_node *node, yaml_mark_t mark)
{
    struct frame *frame = builder->depth > 0 ? &builder->frames[builder->depth - 1] : NULL;
    if (frame == NULL || frame->node == NULL) {
        builder->root = node;
        return 0;
    }
    /* libyaml sends the keys and values of a mapping alternately, as events of the same kinds. */
    if (frame->node->kind == MOOR_YAML_MAPPING && frame->key == NULL) {
        return take_key(builder, frame, node, mark);
    }
    node->key = frame->key;
    frame->key = NULL;
    if (frame->last == NULL) {
        frame->node->first = node;
    } else {
        frame->last->next = node;
    }
    frame->last = node;
    frame->node->count++;
    return 0;
}

/* Rejected because tools disagree on them, and because aliases can expand exponentially. */
static int refuse_extras(struct builder *builder, const yaml_event_t *event,
                         const yaml_char_t *anchor, const yaml_char_t *tag)
{
    char text[200];
    if (anchor != NULL) {
        struct moor_quoted name = moor_quote(moor_slice_from((const char *)anchor));
        (void)snprintf(text, sizeof text,
                       "unsupported anchor '&%s': write the value out where it is needed",
                       name.text);
        return fail(builder, event->start_mark, MOOR_ERROR_SYNTAX, text);
    }
    if (tag != NULL) {
        struct moor_quoted name = moor_quote(moor_slice_from((const char *)tag));
        (void)snprintf(text, sizeof text, "unsupported tag '%s': remove it", name.text);
        return fail(builder, event->start_mark, MOOR_ERROR_SYNTAX, text);
    }
    return 0;
}

static int open_collection(struct builder *builder, const yaml_event_t *event,
                           enum moor_yaml_kind kind)
{
    if (builder->depth == MOOR_YAML_MAX_DEPTH) {
        return fail(builder, event->start_mark, MOOR_ERROR_LIMIT, "nested deeper than 32 levels");
    }
    struct moor_yaml_node *node = new_node(builder, kind, event->start_mark);
    if (node == NULL || attach(builder, node, event->start_mark) != 0) {
        return -1;
    }
    builder->frames[builder->depth++] = (struct frame){.node = node};
    return 0;
}

static int on_scalar(struct builder *builder, const yaml_event_t *event)
{
    struct moor_yaml_node *node = new_node(builder, MOOR_YAML_SCALAR, event->start_mark);
    if (node == NULL) {
        return -1;
    }
    /* The event owns its text, which ends with the event: see build(). */
    struct moor_slice text = {(const char *)event->data.scalar.value, event->data.scalar.length};
    if (moor_arena_copy(builder->arena, &node->text, text, builder->err) != 0) {
        return -1;
    }
    /*
     * The style decides between a string and a value: in quotes, `true`, `1` and `null` are
     * strings.
     */
    node->is_plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    return attach(builder, node, event->start_mark);
}

/*
 * The usual cause is a glob without quotes, such as `*.example.com`, so the message proposes quotes
 * and does not explain aliases.
 */
static int on_alias(struct builder *builder, const yaml_event_t *event)
{
    struct moor_quoted name = moor_quote(moor_slice_from((const char *)event->data.alias.anchor));
    char text[200];
    (void)snprintf(text, sizeof text,
                   "unsupported alias '*%s': put quotes around a string that starts with '*'",
                   name.text);
    return fail(builder, event->start_mark, MOOR_ERROR_SYNTAX, text);
}

static int on_document(struct builder *builder, const yaml_event_t *event)
{
    /*
     * Either choice would be a guess: to merge the documents, or to ignore one, which may be the
     * stricter one.
     */
    if (++builder->documents > 1) {
        return fail(builder, event->start_mark, MOOR_ERROR_SYNTAX,
                    "unexpected second document: keep one document in the file");
    }
    return 0;
}

static int on_event(struct builder *builder, const yaml_event_t *event)
{
    switch (event->type) {
    case YAML_DOCUMENT_START_EVENT:
        return on_document(builder, event);
    case YAML_ALIAS_EVENT:
        return on_alias(builder, event);
    case YAML_SCALAR_EVENT:
        return refuse_extras(builder, event, event->data.scalar.anchor, event->data.scalar.tag) != 0
                   ? -1
                   : on_scalar(builder, event);
    case YAML_SEQUENCE_START_EVENT:
        return refuse_extras(builder, event, event->data.sequence_start.anchor,
                             event->data.sequence_start.tag) != 0
                   ? -1
                   : open_collection(builder, event, MOOR_YAML_SEQUENCE);
    case YAML_MAPPING_START_EVENT:
        return refuse_extras(builder, event, event->data.mapping_start.anchor,
                             event->data.mapping_start.tag) != 0
                   ? -1
                   : open_collection(builder, event, MOOR_YAML_MAPPING);
    case YAML_SEQUENCE_END_EVENT:
    case YAML_MAPPING_END_EVENT:
        /* libyaml rejects an end without a beginning, so that the depth never falls below zero. */
        builder->depth--;
        return 0;
    case YAML_NO_EVENT:
    case YAML_STREAM_START_EVENT:
    case YAML_STREAM_END_EVENT:
    case YAML_DOCUMENT_END_EVENT:
        return 0;
    }
    return 0;
}

static int build(struct builder *builder, yaml_parser_t *parser,
                 const struct moor_yaml_text *source)
{
    for (;;) {
        __attribute__((cleanup(yaml_event_delete))) yaml_event_t event = {0};
        if (yaml_parser_parse(parser, &event) == 0) {
            return moor_yaml_error(builder->err, parser, source->text);
        }
        moor_yaml_text_restore(source, &event);
        if (on_event(builder, &event) != 0) {
            return -1;
        }
        if (event.type == YAML_STREAM_END_EVENT) {
            return 0;
        }
    }
}

int moor_yaml_parse(const struct moor_yaml_node **out, struct moor_slice text,
                    struct moor_arena *arena, struct moor_error *err)
{
    if (moor_slice_starts_with(text, MOOR_SLICE("\xEF\xBB\xBF"))) {
        text = moor_slice_sub(text, 3, text.len);
    }
    if (moor_yaml_refuse_tag_directives(text, err) != 0) {
        return -1;
    }
    __attribute__((cleanup(moor_yaml_text_release))) struct moor_yaml_text source = {0};
    if (moor_yaml_text_open(&source, text, err) != 0) {
        return -1;
    }
    __attribute__((cleanup(yaml_parser_delete))) yaml_parser_t parser = {0};
    if (yaml_parser_initialize(&parser) == 0) {
        return moor_error_set(err, MOOR_ERROR_MEMORY, "no memory to read the file");
    }
    /* Otherwise libyaml would detect UTF-16 by a byte order mark, and positions would be wrong. */
    yaml_parser_set_encoding(&parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(
        &parser, (const unsigned char *)(source.text.len > 0 ? source.text.ptr : ""),
        source.text.len);
    struct builder builder = {.arena = arena, .err = err};
    if (build(&builder, &parser, &source) != 0) {
        return -1;
    }
    /* A file with only `---` has a document, and its root is an empty plain scalar. */
    bool is_empty = builder.root != NULL && builder.root->is_plain && builder.root->text.len == 0;
    *out = is_empty ? NULL : builder.root;
    return 0;
}

const struct moor_yaml_node *moor_yaml_get(const struct moor_yaml_node *mapping, const char *key)
{
    const struct moor_yaml_node *child = mapping->first;
    while (child != NULL && (child->key == NULL || !moor_slice_is(child->key->text, key))) {
        child = child->next;
    }
    return child;
}

bool moor_yaml_is_null(const struct moor_yaml_node *node)
{
    /* The words of the core schema of YAML 1.2. */
    static const char *const words[] = {"", "~", "null", "Null", "NULL"};
    if (node->kind != MOOR_YAML_SCALAR || !node->is_plain) {
        return false;
    }
    for (size_t i = 0; i < MOOR_ARRAY_SIZE(words); i++) {
        if (moor_slice_is(node->text, words[i])) {
            return true;
        }
    }
    return false;
}
