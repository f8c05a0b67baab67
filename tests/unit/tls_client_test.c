/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/unit/test.h"

#include "policy/base/array_size.h"
#include "webhook/http/tls_client.h"

#include <openssl/x509v3.h>

#define MAX_NAMES 2
#define TEXT(literal)                   \
    {                                   \
        "" literal, sizeof(literal) - 1 \
    }

/* A certificate as a client sends it, and which names the server asks for. */
static const struct row {
    const char *name;
    struct moor_slice common_names[MAX_NAMES];
    const char *alternative_names; /* as OpenSSL writes them */
    const char *wanted[MAX_NAMES];
    const char *subject; /* as it is logged */
    bool accepted;
} rows[] = {
    {"accepts__no_name_wanted__any_client", {TEXT("whoever")}, NULL, {NULL}, "CN=whoever", true},
    {"accepts__common_name",
     {TEXT("kube-apiserver")},
     NULL,
     {"kube-apiserver"},
     "CN=kube-apiserver",
     true},
    {"accepts__second_of_the_wanted_names", {TEXT("b")}, NULL, {"a", "b"}, "CN=b", true},
    {"accepts__other_common_name__no",
     {TEXT("kube-apiserver2")},
     NULL,
     {"kube-apiserver"},
     "CN=kube-apiserver2",
     false},
    {"accepts__beginning_of_the_wanted_name__no",
     {TEXT("kube")},
     NULL,
     {"kube-apiserver"},
     "CN=kube",
     false},
    {"accepts__common_name_in_other_case__no",
     {TEXT("Kube-Apiserver")},
     NULL,
     {"kube-apiserver"},
     "CN=Kube-Apiserver",
     false},
    {"accepts__common_name_with_a_zero_byte__no",
     {TEXT("kube-apiserver\0.evil")},
     NULL,
     {"kube-apiserver"},
     "CN=kube-apiserver\\00.evil",
     false},
    {"accepts__two_common_names__the_last_one_counts",
     {TEXT("evil"), TEXT("good")},
     NULL,
     {"good"},
     "CN=good,CN=evil",
     true},
    {"accepts__two_common_names__the_first_one_does_not",
     {TEXT("good"), TEXT("evil")},
     NULL,
     {"good"},
     "CN=evil,CN=good",
     false},
    {"accepts__dns_name_in_any_case",
     {TEXT("x")},
     "DNS:other.example, DNS:API.example",
     {"api.EXAMPLE"},
     "CN=x",
     true},
    {"accepts__dns_name_without_subject",
     {{NULL, 0}},
     "DNS:api.example",
     {"api.example"},
     "DNS:api.example",
     true},
    {"accepts__wildcard_means_nothing",
     {TEXT("x")},
     "DNS:*.example",
     {"api.example"},
     "CN=x",
     false},
    {"accepts__wildcard_as_it_is_written",
     {TEXT("x")},
     "DNS:*.example",
     {"*.example"},
     "CN=x",
     true},
    {"accepts__address_is_no_name", {TEXT("x")}, "IP:10.0.0.1", {"10.0.0.1"}, "CN=x", false},
    {"accepts__email_is_no_name",
     {TEXT("x")},
     "email:a@api.example",
     {"a@api.example"},
     "CN=x",
     false},
    {"accepts__no_name_at_all__no", {{NULL, 0}}, NULL, {"api.example"}, "", false},
};

static X509 *certificate_of(const struct row *row)
{
    X509 *certificate = X509_new();
    assert_non_null(certificate);
    for (size_t i = 0; i < MAX_NAMES && row->common_names[i].ptr != NULL; i++) {
        assert_int_equal(X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate), "CN",
                                                    MBSTRING_ASC,
                                                    (const unsigned char *)row->common_names[i].ptr,
                                                    (int)row->common_names[i].len, -1, 0),
                         1);
    }
    if (row->alternative_names != NULL) {
        X509_EXTENSION *extension =
            X509V3_EXT_conf_nid(NULL, NULL, NID_subject_alt_name, row->alternative_names);
        assert_non_null(extension);
        assert_int_equal(X509_add_ext(certificate, extension, -1), 1);
        X509_EXTENSION_free(extension);
    }
    return certificate;
}

/* As in the verify callback: at `depth` of the chain, whose leaf is `certificate`. */
static bool accepts(struct moor_tls_client *client, X509 *certificate, int depth, bool verified,
                    const struct row *row)
{
    X509_STORE *trusted = X509_STORE_new();
    X509_STORE_CTX *store = X509_STORE_CTX_new();
    assert_int_equal(X509_STORE_CTX_init(store, trusted, certificate, NULL), 1);
    X509_STORE_CTX_set_error_depth(store, depth);
    X509_STORE_CTX_set_error(store, verified ? X509_V_OK : X509_V_ERR_CERT_HAS_EXPIRED);
    size_t count = 0;
    while (count < MAX_NAMES && row->wanted[count] != NULL) {
        count++;
    }
    bool accepted = moor_tls_client_accepts(client, store, verified, row->wanted, count);
    X509_STORE_CTX_free(store);
    X509_STORE_free(trusted);
    return accepted;
}

static void accepts__row__as_its_names_say(void **state)
{
    const struct row *row = *state;
    struct moor_tls_client client = {.subject = ""};
    X509 *certificate = certificate_of(row);
    assert_int_equal(accepts(&client, certificate, 0, true, row), row->accepted);
    assert_string_equal(client.subject, row->subject);
    if (row->accepted) {
        assert_null(client.refusal);
    } else {
        assert_string_equal(client.refusal,
                            "no name of the certificate is allowed by --client-name");
    }
    X509_free(certificate);
}

static const struct row other_name = {.common_names = {TEXT("issuer")},
                                      .wanted = {"client"},
                                      .subject = "CN=issuer"};

static void accepts__issuer_in_the_chain__needs_no_name(void **state)
{
    (void)state;
    struct moor_tls_client client = {.subject = ""};
    X509 *certificate = certificate_of(&other_name);
    assert_true(accepts(&client, certificate, 1, true, &other_name));
    assert_null(client.refusal);
    X509_free(certificate);
}

static void accepts__not_verified__refused_with_the_reason(void **state)
{
    (void)state;
    struct moor_tls_client client = {.subject = ""};
    X509 *certificate = certificate_of(&other_name);
    assert_false(accepts(&client, certificate, 1, false, &other_name));
    assert_string_equal(client.refusal, "certificate has expired");
    assert_string_equal(client.subject, "CN=issuer");
    X509_free(certificate);
}

static void write_subject__long__cut_at_the_size(void **state)
{
    (void)state;
    char subject[9];
    X509 *certificate = certificate_of(&other_name);
    moor_tls_write_subject(subject, sizeof subject, certificate);
    assert_string_equal(subject, "CN=issue");
    X509_free(certificate);
}

static void write_names__none__false(void **state)
{
    (void)state;
    char names[32] = "before";
    X509 *certificate = certificate_of(&other_name);
    assert_false(moor_tls_write_names(names, sizeof names, certificate));
    assert_string_equal(names, "");
    X509_free(certificate);
}

static void not_after__as_set(void **state)
{
    (void)state;
    X509 *certificate = certificate_of(&other_name);
    assert_non_null(ASN1_TIME_set(X509_getm_notAfter(certificate), 1700000000));
    assert_int_equal(moor_tls_not_after_s(certificate), 1700000000);
    X509_free(certificate);
}

int main(void)
{
    enum {
        ROW_COUNT = MOOR_ARRAY_SIZE(rows)
    };
    struct CMUnitTest tests_of_rows[ROW_COUNT];
    for (size_t i = 0; i < ROW_COUNT; i++) {
        tests_of_rows[i] = test_of_row(rows[i].name, accepts__row__as_its_names_say, &rows[i]);
    }
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(accepts__issuer_in_the_chain__needs_no_name),
        cmocka_unit_test(accepts__not_verified__refused_with_the_reason),
        cmocka_unit_test(write_subject__long__cut_at_the_size),
        cmocka_unit_test(write_names__none__false),
        cmocka_unit_test(not_after__as_set),
    };
    int failed = cmocka_run_group_tests_name("tls_client", tests, NULL, NULL);
    return failed + cmocka_run_group_tests_name("tls_client", tests_of_rows, NULL, NULL);
}
