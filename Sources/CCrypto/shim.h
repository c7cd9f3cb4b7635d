// The digests of libcrypto by themselves. EVP, the interface for all algorithms, would link every one of them (4 MB) into a
// program that has libcrypto inside, needs memory that somebody must free, and refuses MD5 on systems that allow approved
// algorithms only, where it is not used to secure anything here. These functions are deprecated in its favour.
#define OPENSSL_SUPPRESS_DEPRECATED
#include <openssl/md5.h>
#include <openssl/opensslv.h>
#include <openssl/sha.h>
