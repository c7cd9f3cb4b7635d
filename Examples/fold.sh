#!/usr/bin/env bash
# Folds a FASTA file and lists the proteins with a confident prediction, best first. Run it again after an
# interruption: complete results are kept.
#
# Usage: Examples/fold.sh proteins.fasta [output folder] [model]
set -euo pipefail

fasta="${1:?usage: fold.sh proteins.fasta [output folder] [model]}"
folder="${2:-structures}"
model="${3:-esmfold_v1}"

# Status 1 means that some proteins failed and the others succeeded, which need not stop a pipeline.
status=0
esmfold fold "$fasta" -o "$folder" --model "$model" || status=$?
if ((status > 1)); then exit "$status"; fi

echo "Mean pLDDT of 70 or more:"
awk -F '\t' 'NR > 1 && $9 == "ok" && $3 >= 70 { print $3 "\t" $1 }' "$folder/summary.tsv" | sort -rn | uniq
echo "Failed:"
awk -F '\t' 'NR > 1 && $9 == "failed" { print $1 "\t" $10 }' "$folder/summary.tsv" | sort -u
