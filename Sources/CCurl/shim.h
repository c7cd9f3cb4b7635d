// libcurl for Swift. The calls that set and ask options are variadic, which Swift cannot import, so each kind of value
// has a typed one here; so has what depends on the version of the library.
#ifndef ESMFOLD_CCURL_SHIM_H
#define ESMFOLD_CCURL_SHIM_H

#include <curl/curl.h>

typedef size_t (*ccurl_receiver)(char *bytes, size_t size, size_t count, void *context);
typedef int (*ccurl_watcher)(void *context, curl_off_t to_get, curl_off_t got, curl_off_t to_send, curl_off_t sent);

/// Prepares the library; to be called once, before anything else.
static inline CURLcode ccurl_start(void) { return curl_global_init(CURL_GLOBAL_DEFAULT); }

// Options.
static inline CURLcode ccurl_set_text(CURL *curl, CURLoption option, const char *value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode ccurl_set_number(CURL *curl, CURLoption option, long value) {
  return curl_easy_setopt(curl, option, value);
}
static inline CURLcode ccurl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return curl_easy_setopt(curl, option, value);
}

/// Where the body, the lines of the headers and the progress go, all with the same context, and where errors are
/// explained: a buffer of `CURL_ERROR_SIZE`.
static inline void ccurl_set_callbacks(
    CURL *curl, ccurl_receiver body, ccurl_receiver header, ccurl_watcher watcher, void *context, char *explanation) {
  curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, body);
  curl_easy_setopt(curl, CURLOPT_WRITEDATA, context);
  curl_easy_setopt(curl, CURLOPT_HEADERFUNCTION, header);
  curl_easy_setopt(curl, CURLOPT_HEADERDATA, context);
  curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, watcher);
  curl_easy_setopt(curl, CURLOPT_XFERINFODATA, context);
  curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
  curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, explanation);
}

/// Allows http, https and file to begin with, and http and https (or https alone) to be redirected to.
static inline CURLcode ccurl_set_protocols(CURL *curl, int only_secure_redirects) {
#if LIBCURL_VERSION_NUM >= 0x075500
  CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https,file");
  if (code != CURLE_OK) return code;
  return curl_easy_setopt(curl, CURLOPT_REDIR_PROTOCOLS_STR, only_secure_redirects ? "https" : "http,https");
#else
  CURLcode code = curl_easy_setopt(curl, CURLOPT_PROTOCOLS, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
  if (code != CURLE_OK) return code;
  return curl_easy_setopt(
      curl, CURLOPT_REDIR_PROTOCOLS, (long)(CURLPROTO_HTTPS | (only_secure_redirects ? 0 : CURLPROTO_HTTP)));
#endif
}

/// Sends `token` with the first request, and with those that it is redirected to on the same host.
static inline CURLcode ccurl_set_bearer(CURL *curl, const char *token) {
  CURLcode code = curl_easy_setopt(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
  return code != CURLE_OK ? code : curl_easy_setopt(curl, CURLOPT_XOAUTH2_BEARER, token);
}

// Answers; 0 where there is none.
static inline long ccurl_status(CURL *curl) {
  long value = 0;
  curl_easy_getinfo(curl, CURLINFO_RESPONSE_CODE, &value);
  return value;
}
/// The status that a proxy gave when it was asked for a tunnel.
static inline long ccurl_proxy_status(CURL *curl) {
  long value = 0;
  curl_easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &value);
  return value;
}
/// Seconds that the server asks to wait for.
static inline curl_off_t ccurl_retry_after(CURL *curl) {
  curl_off_t value = 0;
  curl_easy_getinfo(curl, CURLINFO_RETRY_AFTER, &value);
  return value;
}
/// The size of the body as announced; -1 where it is not.
static inline curl_off_t ccurl_content_length(CURL *curl) {
  curl_off_t value = -1;
  curl_easy_getinfo(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &value);
  return value;
}
static inline const char *ccurl_version(void) { return curl_version_info(CURLVERSION_NOW)->version; }

#endif
