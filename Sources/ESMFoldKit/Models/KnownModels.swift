// The models that `esmfold weights fetch` knows: where their files are on the Hugging Face hub, and what is known of them.
//
// Sizes and digests are those of the hub's file listings and LFS pointers. A file that is not as they say is not the
// file: wherever it comes from, it is refused.

import Weights
