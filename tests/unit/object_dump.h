/* SPDX-License-Identifier: Apache-2.0 */
/*
 * object_dump - reads a JSON text as an object of a kind and says on one line what was found.
 *
 *   spec.containers[0] containers web nginx:1.2.3; ... deleting mirror owner=Job/one malformed=spec
 *
 * A NULL name or text is shown as `-`; an image in two members has `(joined)` or `(partial)`.
 */
#ifndef MOOR_TESTS_UNIT_OBJECT_DUMP_H
#define MOOR_TESTS_UNIT_OBJECT_DUMP_H

#include "policy/json/reader.h"
#include "policy/object/annotation.h"
#include "policy/object/object.h"
#include "policy/object/reader.h"

static inline void dump_text(struct moor_buf *out, struct moor_slice text)
{
    moor_buf_append_byte(out, ' ');
    if (text.ptr == NULL) {
        moor_buf_append_byte(out, '-');
    }
    moor_buf_append(out, text);
}

static inline void dump_object(struct moor_buf *out, const struct moor_object *object)
{
    static const char *const forms[] = {"", " (joined)", " (partial)"};
    for (size_t i = 0; i < object->image_count; i++) {
        moor_buf_append_text(out, i > 0 ? " " : "");
        moor_object_append_path(out, &object->images[i]);
        moor_buf_printf(out, " %s", moor_field_name(object->images[i].field));
        dump_text(out, object->images[i].name);
        dump_text(out, object->images[i].text);
        moor_buf_append_text(out, forms[object->images[i].form]);
        moor_buf_append_byte(out, ';');
    }
    moor_buf_append_text(out, object->is_present ? "" : " absent");
    moor_buf_append_text(out, object->is_deleting ? " deleting" : "");
    moor_buf_append_text(out, object->is_mirror ? " mirror" : "");
    if (object->owner_kind.len > 0 || object->owner_name.len > 0) {
        moor_buf_printf(out, " owner=%.*s/%.*s", MOOR_SLICE_ARGS(object->owner_kind),
                        MOOR_SLICE_ARGS(object->owner_name));
    }
    if (object->malformed.len > 0) {
        moor_buf_printf(out, " malformed=%.*s", MOOR_SLICE_ARGS(object->malformed));
    }
}

static inline int read_object(struct moor_object *out, struct moor_slice json,
                              const struct moor_kind *kind, struct moor_arena *arena,
                              struct moor_error *err)
{
    struct moor_json_reader reader;
    moor_json_reader_init(&reader, json);
    const struct moor_annotation_list annotations = moor_annotation_builtin();
    return moor_object_read(out, &reader, kind, &annotations, arena, err);
}

#endif
