/* SPDX-License-Identifier: Apache-2.0 */
/*
 * xml - writes text and attributes of XML, escaped as in all outputs.
 *
 * Threads:  one stream, one thread at a time.
 * Memory:   a scratch buffer per call.
 */
#ifndef MOOR_CMD_REPORT_XML_H
#define MOOR_CMD_REPORT_XML_H

#include "cmd/report/report.h"
#include "policy/base/slice.h"

#include <stdio.h>

/* Writes the text without markup.  Control characters, which XML forbids, are escaped. */
void moor_xml_text(FILE *out, struct moor_slice text);

/* Writes ` NAME="VALUE"`. */
void moor_xml_attribute(FILE *out, const char *name, struct moor_slice value);

/* Writes an input that could not be read as a test case of JUnit XML with an error. */
void moor_xml_junit_error(FILE *out, const struct moor_report_input_error *error);

#endif
