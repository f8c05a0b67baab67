/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/message.h"

#include "policy/base/utf8.h"
#include "policy/message_repair.h"
#include "policy/rules/cost.h"

/* --- the parts of a message ------------------------------------------------------------------- */

struct lengths {
    size_t path;
    size_t name;
    size_t image;
    size_t reason;
};

static const struct lengths full = {256, 128, MOOR_MESSAGE_MAX_IMAGE, 256};
/* A warning has 256 characters for everything. */
static const struct lengths brief = {60, 40, 96, 64};

/* Replaces each quotation mark from `start` on by its escape, from the end to the start. */
static void escape_quotes(struct moor_buf *out, size_t start)
{
    static const char escape[] = "\\x22";
    size_t quotes = 0;
    size_t from = out->len;
    for (size_t i = start; i < from; i++) {
        quotes += out->ptr[i] == '"';
    }
    if (quotes == 0 || moor_buf_extend(out, quotes * (sizeof escape - 2)) == NULL) {
        return;
    }
    for (size_t to = out->len; to > from;) {
        char byte = out->ptr[--from];
        size_t len = byte == '"' ? sizeof escape - 1 : 1;
        to -= len;
        memcpy(out->ptr + to, byte == '"' ? escape : &byte, len);
    }
}

/*
 * Texts of the request are escaped and cut: the message appears on terminals, and the API server
 * limits its length.  A quotation mark in the text would look like its end.
 */
static void append_quoted(struct moor_buf *out, const char *before, struct moor_slice text,
                          size_t max_bytes)
{
    moor_buf_append_text(out, before);
    moor_buf_append_text(out, " \"");
    size_t start = out->len;
    moor_escape_append(out, text, max_bytes);
    escape_quotes(out, start);
    moor_buf_append_byte(out, '"');
}

/* Names the object at the path if the path itself does not: ` (container "web")`. */
static void append_holder(struct moor_buf *out, const struct moor_verdict *verdict,
                          const struct moor_object_image *image, const struct lengths *lengths)
{
    const char *noun = image->field == MOOR_FIELD_IMAGE_VOLUMES ? " (volume" : " (container";
    if (image->annotation != NULL) {
        moor_buf_append_text(out, " (annotation");
    } else if (image->index == MOOR_OBJECT_NO_INDEX && image->field != MOOR_FIELD_IMAGE_VOLUMES) {
        moor_buf_append_text(out, " (field of ");
        moor_escape_append(out, verdict->request->holds->kind, lengths->name);
    } else if (image->name.len > 0) {
        append_quoted(out, noun, image->name, lengths->name);
    } else {
        return;
    }
    moor_buf_append_byte(out, ')');
}

/* `spec.containers[0] (container "web"): ` */
static void append_place(struct moor_buf *out, const struct moor_verdict *verdict,
                         const struct moor_object_image *image, const struct lengths *lengths)
{
    moor_escape_append(out, image->where, lengths->path);
    if (image->index != MOOR_OBJECT_NO_INDEX) {
        moor_buf_append_byte(out, '[');
        moor_buf_append_u64(out, image->index);
        moor_buf_append_byte(out, ']');
    }
    append_holder(out, verdict, image, lengths);
    moor_buf_append_text(out, ": ");
}

/* Phrases of classes that explain more than their level; all others use the level's phrase. */
static const char *const class_phrases[MOOR_CLASS_COUNT] = {
    [MOOR_CLASS_UNTAGGED] = " has no tag",
    [MOOR_CLASS_AMBIGUOUS] = " has a tag that may be mutable",
    [MOOR_CLASS_UNKNOWN] = " has a tag that may be mutable",
    [MOOR_CLASS_PLACEHOLDER] = " is a placeholder that was not replaced",
};

/* "mutable" is the word that users know; the level's name appears only in reference pages. */
static const char *const level_phrases[] = {
    [MOOR_LEVEL_NONE] = " is not a valid reference", [MOOR_LEVEL_ROLLING] = " has a mutable tag",
    [MOOR_LEVEL_RELEASE] = " identifies a release",  [MOOR_LEVEL_BUILD] = " identifies a build",
    [MOOR_LEVEL_DIGEST] = " has a digest",
};

/* Returns whether only a digest is missing; the class of the tag is then irrelevant. */
static bool lacks_digest(const struct moor_image_verdict *image)
{
    return image->requirement == MOOR_REQUIREMENT_DIGEST && image->level != MOOR_LEVEL_NONE &&
           image->level != MOOR_LEVEL_DIGEST;
}

static const char *phrase_of(const struct moor_image_verdict *image)
{
    if (image->operator.len> 0) {
        return image->image->form == MOOR_IMAGE_PARTIAL ? " is incomplete" : " has a variable";
    }
    if (lacks_digest(image)) {
        return image->reference.tag.len > 0 ? " has a tag but no digest" : " has no digest";
    }
    if (image->requirement == MOOR_REQUIREMENT_BUILD && image->level == MOOR_LEVEL_RELEASE) {
        return " identifies a release, which can be rebuilt";
    }
    return class_phrases[image->class] != NULL ? class_phrases[image->class]
                                               : level_phrases[image->level];
}

/* Appends the class, or a more precise reason; nothing if the phrase already names the cause. */
static void append_class(struct moor_buf *out, const struct moor_image_verdict *image,
                         const struct lengths *lengths)
{
    if (lacks_digest(image)) {
        return;
    }
    switch (image->class) {
    case MOOR_CLASS_UNTAGGED:
    case MOOR_CLASS_DIGEST:
    case MOOR_CLASS_PLACEHOLDER:
        return;
    case MOOR_CLASS_INVALID:
        moor_escape_append(out, image->reason, sizeof((struct moor_error *)0)->text);
        return;
    case MOOR_CLASS_REPOSITORY:
        moor_buf_append_text(out, "repository entry");
        moor_buf_append_text(out, image->reason.len > 0 ? ": " : "");
        moor_escape_append(out, image->reason, lengths->reason);
        return;
    default:
        moor_buf_append_text(out, moor_class_name(image->class));
        return;
    }
}

/* ` (partial-version, unchanged)` */
static void append_cause(struct moor_buf *out, const struct moor_image_verdict *image,
                         const struct lengths *lengths)
{
    static const char *const origins[] = {
        [MOOR_ORIGIN_NEW] = "",
        [MOOR_ORIGIN_UNCHANGED] = "unchanged",
        [MOOR_ORIGIN_CONTROLLER] = "controller request",
    };
    size_t before = out->len;
    moor_buf_append_text(out, " (");
    size_t start = out->len;
    append_class(out, image, lengths);
    if (image->origin != MOOR_ORIGIN_NEW) {
        moor_buf_append_text(out, out->len > start ? ", " : "");
        moor_buf_append_text(out, origins[image->origin]);
    }
    if (out->len == start) {
        moor_buf_truncate(out, before);
        return;
    }
    moor_buf_append_byte(out, ')');
}

/* `image "nginx:1.25" has a mutable tag (partial-version)` */
static void append_finding(struct moor_buf *out, const struct moor_image_verdict *image,
                           const struct lengths *lengths)
{
    if (image->image->text.len == 0) {
        moor_buf_append_text(out, "no image is set");
        return;
    }
    append_quoted(out, "image", image->image->text, lengths->image);
    moor_buf_append_text(out, phrase_of(image));
    append_cause(out, image, lengths);
}

static const char *const required[] = {
    [MOOR_REQUIREMENT_IGNORE] = "nothing",
    [MOOR_REQUIREMENT_ANY] = "a valid reference",
    [MOOR_REQUIREMENT_RELEASE] = "at least a release",
    [MOOR_REQUIREMENT_BUILD] = "at least a build",
    [MOOR_REQUIREMENT_DIGEST] = "a digest",
};

/* If the mode prevents a denial, a stricter mode will deny: the environment "will require". */
static const char *verb_of(const struct moor_image_verdict *image)
{
    if (image->decision == MOOR_DECISION_DENY || image->decision == MOOR_DECISION_ALLOW) {
        return "\" requires ";
    }
    return image->would_deny ? "\" will require " : "\" recommends ";
}

/* `; environment "production" requires at least a release`, or why a variable is a gap */
static void append_requirement(struct moor_buf *out, const struct moor_verdict *verdict,
                               const struct moor_image_verdict *image,
                               const struct lengths *lengths)
{
    if (image->operator.len> 0) {
        append_quoted(out, "; Pods that controller", image->operator, lengths->reason);
        moor_buf_append_text(out, " creates from it are admitted");
        return;
    }
    moor_buf_append_text(out, "; environment \"");
    moor_buf_append(out, verdict->environment->name);
    moor_buf_append_text(out, verb_of(image));
    moor_buf_append_text(out, required[image->requirement]);
}

/* `; exemption "agent" ended on 2026-12-05` */
static void append_ended(struct moor_buf *out, const struct moor_exemption *exemption,
                         const struct lengths *lengths)
{
    if (exemption != NULL) {
        append_quoted(out, "; exemption", exemption->name, lengths->name);
        moor_buf_append_text(out, " ended on ");
        moor_buf_append(out, exemption->until);
    }
}

/* `; admitted by exemption "agent" until 2026-12-05` */
static void append_admitted(struct moor_buf *out, const struct moor_exemption *exemption)
{
    if (exemption != NULL) {
        append_quoted(out, "; admitted by exemption", exemption->name, full.name);
        moor_buf_append_text(out, exemption->is_permanent ? " permanently" : " until ");
        moor_buf_append(out, exemption->until);
    }
}

/* Without the path, for outputs that show the position in a file instead. */
void moor_message_append_reason(struct moor_buf *out, const struct moor_verdict *verdict,
                                const struct moor_image_verdict *image)
{
    append_finding(out, image, &full);
    append_requirement(out, verdict, image, &full);
    append_admitted(out, image->exemption);
    append_ended(out, image->ended, &full);
}

void moor_message_append_image_repair(struct moor_buf *out, const struct moor_image_verdict *image)
{
    moor_message_repair_append(out, image, MOOR_REPAIR_FULL, full.image);
}

void moor_message_append_image(struct moor_buf *out, const struct moor_verdict *verdict,
                               const struct moor_image_verdict *image)
{
    append_place(out, verdict, image->image, &full);
    moor_message_append_reason(out, verdict, image);
    moor_buf_append_text(out, ": ");
    moor_message_append_image_repair(out, image);
}

/* --- objects ---------------------------------------------------------------------------------- */

/* Appends what is wrong with the object, and returns what to do. */
static const char *append_fault(struct moor_buf *out, const struct moor_verdict *verdict)
{
    const struct moor_object *object = &verdict->request->object;
    switch (verdict->fault) {
    case MOOR_FAULT_MALFORMED:
        moor_escape_append(out, object->malformed, full.path);
        moor_buf_append_text(out, ": malformed for kind ");
        moor_buf_append(out, verdict->request->holds->kind);
        moor_buf_append_text(out, ", so the images of the object cannot be evaluated");
        return "correct the structure of this field";
    case MOOR_FAULT_TOO_MANY_IMAGES:
        moor_buf_printf(out, "the object has %zu images, and at most %d are evaluated",
                        object->image_total, MOOR_OBJECT_MAX_IMAGES);
        return "split the object";
    case MOOR_FAULT_TOO_LARGE:
        moor_buf_printf(out,
                        "the object is too large to be read completely, and only %zu of its images "
                        "were evaluated",
                        object->image_count);
        return "split the object";
    case MOOR_FAULT_TOO_COSTLY:
        moor_buf_printf(out,
                        "matching the object against the policy takes more than %d steps, and only "
                        "%zu of its %zu images were evaluated",
                        MOOR_COST_MAX_STEPS, verdict->image_count, object->image_total);
        return "split the object, or simplify the policy";
    case MOOR_FAULT_NONE:
    case MOOR_FAULT_COUNT:
        break;
    }
    return NULL;
}

/*
 * The environment is named only if it denies the object, now or in a stricter mode: a warning about
 * a malformed object holds everywhere.
 */
void moor_message_append_fault(struct moor_buf *out, const struct moor_verdict *verdict)
{
    const char *repair = append_fault(out, verdict);
    if (repair == NULL) {
        return;
    }
    if (verdict->fault_would_deny) {
        moor_buf_append_text(out, "; environment \"");
        moor_buf_append(out, verdict->environment->name);
        moor_buf_append_text(out, verdict->fault_decision == MOOR_DECISION_DENY
                                      ? "\" denies such objects"
                                      : "\" will deny such objects");
    }
    moor_buf_append_text(out, ": ");
    moor_buf_append_text(out, repair);
}

void moor_message_append_lost_environment(struct moor_buf *out, const struct moor_verdict *verdict)
{
    append_quoted(out, "the policy has no environment", verdict->asked_environment, brief.name);
    append_quoted(out, ", which the URL path of the webhook names; environment",
                  verdict->environment->name, verdict->environment->name.len);
    moor_buf_append_text(out, " applies instead: correct the webhook configuration");
}

/* --- whole messages --------------------------------------------------------------------------- */

#define ROOM_FOR_REST (sizeof "\nand 4294967295 more")

/* Appends a line if it fits.  Otherwise leaves the message unchanged and returns false. */
static bool append_line(struct moor_buf *out, size_t start, const struct moor_verdict *verdict,
                        const struct moor_image_verdict *image)
{
    size_t before = out->len;
    if (before > start) {
        moor_buf_append_byte(out, '\n');
    }
    moor_message_append_image(out, verdict, image);
    /*
     * The room for the last line is always kept, because it is known only later whether the list is
     * complete.
     */
    if (out->len - start + ROOM_FOR_REST <= MOOR_MESSAGE_MAX_BYTES) {
        return true;
    }
    moor_buf_truncate(out, before);
    return false;
}

/* The fault comes first, because it explains why images may be missing from the list. */
void moor_message_append_denial(struct moor_buf *out, const struct moor_verdict *verdict)
{
    size_t start = out->len;
    size_t lines = 0;
    if (verdict->fault_decision == MOOR_DECISION_DENY) {
        moor_message_append_fault(out, verdict);
    }
    for (size_t i = 0; i < verdict->image_count && lines < MOOR_MESSAGE_MAX_IMAGES; i++) {
        if (verdict->images[i].decision != MOOR_DECISION_DENY) {
            continue;
        }
        /*
         * A shorter line may still fit, but the list has the first images of the object, without
         * gaps.
         */
        if (!append_line(out, start, verdict, &verdict->images[i])) {
            break;
        }
        lines++;
    }
    size_t rest = verdict->counts[MOOR_DECISION_DENY] - lines;
    if (rest > 0) {
        moor_buf_printf(out, "\nand %zu more", rest);
    }
}

/* Cuts what was appended since `start` to the characters that a warning may have. */
static void cut_to_characters(struct moor_buf *out, size_t start)
{
    size_t characters = 0;
    /* Characters and not bytes: the API server counts runes when it cuts warnings. */
    for (size_t at = start; at < out->len; at++) {
        if (!moor_utf8_continues(out->ptr[at]) && ++characters > MOOR_WARNING_MAX_CHARACTERS) {
            moor_buf_truncate(out, at);
            return;
        }
    }
}

void moor_message_append_warning(struct moor_buf *out, const struct moor_verdict *verdict,
                                 const struct moor_image_verdict *image)
{
    size_t start = out->len;
    append_place(out, verdict, image->image, &brief);
    append_finding(out, image, &brief);
    append_requirement(out, verdict, image, &brief);
    moor_buf_append_text(out, ": ");
    moor_message_repair_append(out, image, MOOR_REPAIR_BRIEF, brief.image);
    append_ended(out, image->ended, &brief);
    cut_to_characters(out, start);
}

void moor_message_append_exemption(struct moor_buf *out, const struct moor_exemption *exemption)
{
    size_t start = out->len;
    append_quoted(out, "exemption", exemption->name, exemption->name.len);
    moor_buf_append_text(out, " was used");
    if (!exemption->is_permanent) {
        moor_buf_append_text(out, "; it applies until ");
        moor_buf_append(out, exemption->until);
    }
    moor_buf_append_text(out, ": ");
    moor_escape_append(out, exemption->reason, MOOR_MESSAGE_MAX_IMAGE);
    cut_to_characters(out, start);
}
