/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/report/xml.h"

#include "policy/base/escape.h"

/* XML 1.0 has no form for control characters, so they are escaped as in all texts. */
void moor_xml_text(FILE *out, struct moor_slice text)
{
    struct moor_buf scratch;
    moor_buf_init(&scratch, SIZE_MAX);
    struct moor_slice shown = moor_escaped(&scratch, text, text.len);
    for (size_t i = 0; i < shown.len; i++) {
        switch (shown.ptr[i]) {
        case '&':
            (void)fputs("&amp;", out);
            break;
        case '<':
            (void)fputs("&lt;", out);
            break;
        case '>':
            (void)fputs("&gt;", out);
            break;
        /*
         * One function serves elements and attributes, so that the quote is always escaped.
         * Attributes use double quotes, so that an apostrophe needs no escape.
         */
        case '"':
            (void)fputs("&quot;", out);
            break;
        default:
            (void)fputc(shown.ptr[i], out);
            break;
        }
    }
    moor_buf_release(&scratch);
}

void moor_xml_attribute(FILE *out, const char *name, struct moor_slice value)
{
    (void)fprintf(out, " %s=\"", name);
    moor_xml_text(out, value);
    (void)fputc('"', out);
}

/*
 * An input error is a test case with an error: CI servers show no failure outside of a case, and
 * the run would look complete.
 */
void moor_xml_junit_error(FILE *out, const struct moor_report_input_error *error)
{
    (void)fputs("    <testcase", out);
    moor_xml_attribute(out, "classname", error->file);
    moor_xml_attribute(out, "name", MOOR_SLICE("input error"));
    moor_xml_attribute(out, "file", error->file);
    (void)fprintf(out, " line=\"%u\" time=\"0\">\n      <error", error->line);
    moor_xml_attribute(out, "message", error->text);
    (void)fputs(" type=\"input\"/>\n    </testcase>\n", out);
}
