// OpenSSL's side of a server, for tests of downloads only: certificates made on the spot, and TLS in front of a socket.
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
