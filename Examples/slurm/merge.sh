#!/bin/bash
# Says what is missing or has failed, and joins the summaries of the shards: sbatch --dependency=afterany:JOB merge.sh
#SBATCH --job-name=merge --output=merge.log --open-mode=append
#SBATCH --cpus-per-task=1 --mem=2G --time=30
set -euo pipefail

fasta=proteins.fasta
folder=structures
reading=""

status=0
esmfold status "$folder" --fasta "$fasta" $reading || status=$?
esmfold merge "$folder" --fasta "$fasta" $reading
# As long as something is missing or has failed this job fails, too, and what comes after it with afterok waits.
exit "$status"
