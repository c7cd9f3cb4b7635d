#!/bin/bash
# Submits what is missing or has failed, in as many shards as before, and a merge after it. Arguments go to sbatch:
# ./resubmit.sh --mem=64G for proteins that need more memory.
set -euo pipefail

fasta=proteins.fasta
folder=structures
reading=""

# Tasks that still wait read the rest of their own array.
rest="rest.$(date +%Y%m%d-%H%M%S).fasta"
if esmfold status "$folder" --fasta "$fasta" $reading --missing > "$rest"; then
  rm "$rest"
  echo "nothing is missing"
  exit
fi
if [[ ! -s $rest ]]; then
  rm "$rest"
  echo "resubmit.sh: nothing that could be folded" >&2
  exit 1
fi
job="$(sbatch --parsable "$@" fold.sh "$rest")"
echo "Submitted batch job ${job%%;*} with $(grep -c '^>' "$rest") records"
sbatch --dependency="afterany:${job%%;*}" merge.sh
