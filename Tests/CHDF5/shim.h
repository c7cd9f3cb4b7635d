// The HDF5 C library for Swift, as a second reader and writer of the program's files in tests. Most of its constants are
// macros that initialise the library or name a global, which Swift cannot import, so each one that is used has a getter.
#ifndef ESMFOLD_CHDF5_SHIM_H
#define ESMFOLD_CHDF5_SHIM_H

#include <hdf5.h>

// Identifiers.
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_error_stack(void) { return H5E_DEFAULT; }
static inline hid_t chdf5_whole_space(void) { return H5S_ALL; }
static inline hid_t chdf5_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_group_create_class(void) { return H5P_GROUP_CREATE; }

// Flags.
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }

// Types in a file: little-endian, whatever the machine.
static inline hid_t chdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable_size(void) { return H5T_VARIABLE; }

/// A lock of the library would stay for a moment with a process that another test is starting. Libraries older than 1.10.7
/// cannot turn it off in the program.
static inline herr_t chdf5_disable_locking(hid_t access) {
#if H5_VERSION_GE(1, 10, 7)
  return H5Pset_file_locking(access, 0, 1);
#else
  (void)access;
  return 0;
#endif
}

typedef herr_t (*chdf5_name_visitor)(const char *name, void *context);

struct chdf5_visit {
  chdf5_name_visitor visitor;
  void *context;
};

static herr_t chdf5_visit_link(hid_t group, const char *name, const H5L_info_t *info, void *data) {
  const struct chdf5_visit *visit = (const struct chdf5_visit *)data;
  (void)group;
  (void)info;
  return visit->visitor(name, visit->context);
}

/// Calls `visitor` with the name of each link of `group`, in the order of creation or of the names.
static inline herr_t chdf5_each_name(hid_t group, int by_creation, chdf5_name_visitor visitor, void *context) {
  struct chdf5_visit visit = {visitor, context};
  const H5_index_t index = by_creation ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
  return H5Literate(group, index, H5_ITER_INC, NULL, chdf5_visit_link, &visit);
}

#endif
