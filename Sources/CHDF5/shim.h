// The HDF5 C library for Swift. Most of its constants are macros that initialise the library or name a global, which
// Swift cannot import, so each one that we use has a getter here; so has each call whose name depends on the version.
#ifndef ESMFOLD_CHDF5_SHIM_H
#define ESMFOLD_CHDF5_SHIM_H

#include <hdf5.h>

// Identifiers.
static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_error_stack(void) { return H5E_DEFAULT; }
static inline hid_t chdf5_whole_space(void) { return H5S_ALL; }
static inline hid_t chdf5_file_access_class(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_file_create_class(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_group_create_class(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create_class(void) { return H5P_DATASET_CREATE; }

// Flags.
static inline unsigned chdf5_truncate(void) { return H5F_ACC_TRUNC; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_read_write(void) { return H5F_ACC_RDWR; }
static inline haddr_t chdf5_undefined_address(void) { return HADDR_UNDEF; }

// Types in a file: little-endian, whatever the machine.
static inline hid_t chdf5_float32(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_int64(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_uint8(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable_size(void) { return H5T_VARIABLE; }

/// Our files are never changed in place once they carry their final name, so HDF5's own lock only gets in the way (it
/// fails on network file systems). Libraries older than 1.10.7 cannot turn it off in the program.
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

/// Calls `visitor` with the name of each link of `group`, in the order of the names.
static inline herr_t chdf5_each_name(hid_t group, chdf5_name_visitor visitor, void *context) {
  struct chdf5_visit visit = {visitor, context};
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, chdf5_visit_link, &visit);
}

#endif
