// libcurl by dlopen. Its interface has been the same since libcurl.so.4 (2006); options that an older library does not know
// are refused by it with CURLE_UNKNOWN_OPTION.

#include "CCurl.h"

#include <dlfcn.h>
#include <stdio.h>

// The headers may make macros of these names.
#undef curl_easy_setopt
#undef curl_easy_getinfo

// Options that are younger or older than the headers may be, by their numbers, which never change.
enum {
  protocols = CURLOPTTYPE_LONG + 181,
  redirect_protocols = CURLOPTTYPE_LONG + 182,
  protocols_text = CURLOPTTYPE_OBJECTPOINT + 318,
  redirect_protocols_text = CURLOPTTYPE_OBJECTPOINT + 319
};

static struct {
  __typeof__(&curl_global_init) global_init;
  __typeof__(&curl_version_info) version_info;
  __typeof__(&curl_easy_init) init;
  __typeof__(&curl_easy_cleanup) cleanup;
  __typeof__(&curl_easy_perform) perform;
  __typeof__(&curl_easy_strerror) words;
  __typeof__(&curl_easy_setopt) set;
  __typeof__(&curl_easy_getinfo) get;
  __typeof__(&curl_slist_append) append;
  __typeof__(&curl_slist_free_all) free_list;
} library;

static char failure[512];

const char *ccurl_load(void) {
  // The same library with another implementation of TLS is called so on Debian and Ubuntu.
  static const char *const names[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};
  void *file = NULL;
  for (int number = 0; number < 2 && file == NULL; number++) {
    file = dlopen(names[number], RTLD_NOW | RTLD_LOCAL);
    // What is wrong with the usual one is of interest.
    if (file == NULL && number == 0) snprintf(failure, sizeof failure, "cannot be loaded: %s", dlerror());
  }
  if (file == NULL) return failure;
  const struct {
    const char *name;
    void *place;
  } functions[] = {
      {"curl_global_init", &library.global_init}, {"curl_version_info", &library.version_info},
      {"curl_easy_init", &library.init},          {"curl_easy_cleanup", &library.cleanup},
      {"curl_easy_perform", &library.perform},    {"curl_easy_strerror", &library.words},
      {"curl_easy_setopt", &library.set},         {"curl_easy_getinfo", &library.get},
      {"curl_slist_append", &library.append},     {"curl_slist_free_all", &library.free_list},
  };
  for (size_t number = 0; number < sizeof functions / sizeof functions[0]; number++) {
    void *function = dlsym(file, functions[number].name);
    if (function == NULL) {
      snprintf(failure, sizeof failure, "has no function %s", functions[number].name);
      return failure;
    }
    *(void **)functions[number].place = function;
  }
  return library.global_init(CURL_GLOBAL_DEFAULT) == CURLE_OK ? NULL : "cannot be initialised";
}

const char *ccurl_version(void) { return library.version_info(CURLVERSION_NOW)->version; }

CURL *ccurl_new(void) { return library.init(); }
void ccurl_free(CURL *curl) { library.cleanup(curl); }
CURLcode ccurl_perform(CURL *curl) { return library.perform(curl); }
const char *ccurl_words(CURLcode code) { return library.words(code); }
struct curl_slist *ccurl_appended(struct curl_slist *list, const char *text) { return library.append(list, text); }
void ccurl_free_list(struct curl_slist *list) {
  if (list != NULL) library.free_list(list);
}

CURLcode ccurl_set_text(CURL *curl, CURLoption option, const char *value) { return library.set(curl, option, value); }
CURLcode ccurl_set_number(CURL *curl, CURLoption option, long value) { return library.set(curl, option, value); }
CURLcode ccurl_set_list(CURL *curl, CURLoption option, struct curl_slist *value) {
  return library.set(curl, option, value);
}

void ccurl_set_callbacks(
    CURL *curl, ccurl_receiver body, ccurl_receiver header, ccurl_watcher watcher, void *context, char *explanation) {
  library.set(curl, CURLOPT_WRITEFUNCTION, body);
  library.set(curl, CURLOPT_WRITEDATA, context);
  library.set(curl, CURLOPT_HEADERFUNCTION, header);
  library.set(curl, CURLOPT_HEADERDATA, context);
  library.set(curl, CURLOPT_XFERINFOFUNCTION, watcher);
  library.set(curl, CURLOPT_XFERINFODATA, context);
  library.set(curl, CURLOPT_NOPROGRESS, 0L);
  library.set(curl, CURLOPT_ERRORBUFFER, explanation);
}

CURLcode ccurl_set_protocols(CURL *curl, int only_secure_redirects) {
  CURLcode code = library.set(curl, (CURLoption)protocols_text, "http,https,file");
  if (code == CURLE_OK) {
    return library.set(curl, (CURLoption)redirect_protocols_text, only_secure_redirects ? "https" : "http,https");
  }
  // Before 7.85.0.
  code = library.set(curl, (CURLoption)protocols, (long)(CURLPROTO_HTTP | CURLPROTO_HTTPS | CURLPROTO_FILE));
  if (code != CURLE_OK) return code;
  return library.set(
      curl, (CURLoption)redirect_protocols, (long)(CURLPROTO_HTTPS | (only_secure_redirects ? 0 : CURLPROTO_HTTP)));
}

CURLcode ccurl_set_bearer(CURL *curl, const char *token) {
  CURLcode code = library.set(curl, CURLOPT_HTTPAUTH, (long)CURLAUTH_BEARER);
  return code != CURLE_OK ? code : library.set(curl, CURLOPT_XOAUTH2_BEARER, token);
}

long ccurl_status(CURL *curl) {
  long value = 0;
  library.get(curl, CURLINFO_RESPONSE_CODE, &value);
  return value;
}

long ccurl_proxy_status(CURL *curl) {
  long value = 0;
  library.get(curl, CURLINFO_HTTP_CONNECTCODE, &value);
  return value;
}

curl_off_t ccurl_retry_after(CURL *curl) {
  curl_off_t value = 0;
  library.get(curl, CURLINFO_RETRY_AFTER, &value);
  return value;
}

curl_off_t ccurl_content_length(CURL *curl) {
  curl_off_t value = -1;
  library.get(curl, CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &value);
  return value;
}
