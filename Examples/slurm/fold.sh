#!/bin/bash
# Folds one shard of a FASTA file in each task of an array: sbatch fold.sh [FASTA]
#SBATCH --job-name=fold --array=1-16 --output=fold.%a.log --open-mode=append
#SBATCH --cpus-per-task=8 --mem=16G --time=4:00:00 --requeue
set -euo pipefail

# As many as in --array. Not SLURM_ARRAY_TASK_COUNT, which is smaller when a part of the array is submitted again.
shards=16
fasta="${1:-proteins.fasta}"
folder=structures
# How the input is read, if it needs to be told: "--copies 2", "--gaps keep". The same in merge.sh and resubmit.sh.
reading=""
# Minutes; some less than --time.
limit=230

status=0
srun --cpus-per-task="$SLURM_CPUS_PER_TASK" esmfold fold "$fasta" -o "$folder" \
  $reading --shard "$SLURM_ARRAY_TASK_ID/$shards" --time-limit "$limit" --log-format json || status=$?

# 75: there are records left, for which there was not enough time. Everything else is the task's own status: Slurm itself
# starts again what it has preempted or what was on a lost node, and a failure is not tried again but by resubmit.sh.
# (SLURM_JOB_ID would not do: that of one task is the number of the whole array.)
if ((status == 75 && ${SLURM_RESTART_COUNT:-0} < 50)); then
  scontrol requeue "${SLURM_ARRAY_JOB_ID}_$SLURM_ARRAY_TASK_ID"
fi
exit "$status"
