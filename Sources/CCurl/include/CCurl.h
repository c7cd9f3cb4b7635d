// libcurl for Swift, loaded when it is first needed: only downloads need it, and it brings forty libraries with it.
//
// The calls that set and ask options are variadic, which Swift cannot import, so each kind of value has a typed one here; so
// has what depends on the version of the library. Its types and constants are those of its headers.
#ifndef CCURL_H
#define CCURL_H

#include <curl/curl.h>

typedef size_t (*ccurl_receiver)(char *bytes, size_t size, size_t count, void *context);
typedef int (*ccurl_watcher)(void *context, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent);

/// Loads and prepares the library; to be called once, before anything else. Gives NULL, or why that was impossible: then
/// nothing else here may be called.
const char *ccurl_load(void);

/// The version of the library that is loaded, never NULL.
const char *ccurl_version(void);

// Handles, and lists of headers.
CURL *ccurl_new(void);
void ccurl_free(CURL *curl);
CURLcode ccurl_perform(CURL *curl);
/// What a code means, never NULL.
const char *ccurl_words(CURLcode code);
struct curl_slist *ccurl_appended(struct curl_slist *list, const char *text);
void ccurl_free_list(struct curl_slist *list);

// Options.
CURLcode ccurl_set_text(CURL *curl, CURLoption option, const char *value);
CURLcode ccurl_set_number(CURL *curl, CURLoption option, long value);
CURLcode ccurl_set_list(CURL *curl, CURLoption option, struct curl_slist *value);

/// Where the body, the lines of the headers and the progress go, all with the same context, and where errors are
/// explained: a buffer of `CURL_ERROR_SIZE`.
void ccurl_set_callbacks(
    CURL *curl, ccurl_receiver body, ccurl_receiver header, ccurl_watcher watcher, void *context, char *explanation);

/// Allows http, https and file to begin with, and http and https (or https alone) to be redirected to.
CURLcode ccurl_set_protocols(CURL *curl, int only_secure_redirects);

/// Sends `token` with the first request, and with those that it is redirected to on the same host.
CURLcode ccurl_set_bearer(CURL *curl, const char *token);

// Answers; 0 where there is none.
long ccurl_status(CURL *curl);
/// The status that a proxy gave when it was asked for a tunnel.
long ccurl_proxy_status(CURL *curl);
/// Seconds that the server asks to wait for.
curl_off_t ccurl_retry_after(CURL *curl);
/// The size of the body as announced; -1 where it is not.
curl_off_t ccurl_content_length(CURL *curl);

#endif
