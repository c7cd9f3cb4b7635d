# A Slurm of four nodes, n1 to n4, on this machine: functions for Scripts/test-slurm, which sets `place` to a folder of its
# own. Daemons have their own key, sockets, ports and state in it, and listen on 127.0.0.1 only. Any user can start it.

export PATH="$PATH:/usr/sbin:/sbin"
# A job of another Slurm may run this.
unset ${!SLURM_@} ${!SBATCH_@} ${!SQUEUE_@}
export SLURM_CONF="$place/etc/slurm.conf"

# The first of five ports that nobody listens on.
free_ports() {
  local first offset
  for ((first = 20000 + RANDOM % 8000; ; first += 5)); do
    for offset in 0 1 2 3 4; do
      if (: < "/dev/tcp/127.0.0.1/$((first + offset))") 2> /dev/null; then continue 2; fi
    done
    echo "$first"
    return
  done
}

# Short times: a node counts as lost after about ten seconds, and a requeued task starts after five.
configure_cluster() {
  local port user host
  port="$(free_ports)" user="$(id -un)" host="$(hostname -s)"
  mkdir -p "$place"/{etc,log,run,state/controller,state/n1,state/n2,state/n3,state/n4}
  # munged wants its socket where everybody could reach it.
  chmod 755 "$place" "$place"/{etc,log,run,state}
  (umask 077; head -c 128 /dev/urandom > "$place/etc/munge.key")
  cat > "$SLURM_CONF" <<CONF
ClusterName=test
SlurmctldHost=$host(127.0.0.1)
SlurmctldPort=$port
CommunicationParameters=NoCtldInAddrAny,NoInAddrAny
SlurmUser=$user
SlurmdUser=$user
AuthType=auth/munge
AuthInfo=socket=$place/run/munge.sock,cred_expire=5
StateSaveLocation=$place/state/controller
SlurmdSpoolDir=$place/state/%n
SlurmctldPidFile=$place/run/slurmctld.pid
SlurmdPidFile=$place/run/slurmd-%n.pid
SlurmctldLogFile=$place/log/slurmctld.log
SlurmdLogFile=$place/log/slurmd-%n.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU_Memory
SchedulerType=sched/backfill
SchedulerParameters=sched_interval=1,bf_interval=1,batch_sched_delay=0
PriorityType=priority/basic
SlurmdParameters=config_overrides
ReturnToService=2
SlurmdTimeout=3
MessageTimeout=3
TCPTimeout=1
KillWait=2
MinJobAge=600
DefMemPerCPU=10
NodeName=n[1-4] NodeHostname=$host NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + 4))] CPUs=64 RealMemory=10000 State=UNKNOWN
PreemptType=preempt/partition_prio
PreemptMode=REQUEUE
PartitionName=main Nodes=ALL Default=YES MaxTime=1-0 State=UP
PartitionName=urgent Nodes=ALL PriorityTier=10 PreemptMode=OFF MaxTime=1-0 State=UP
CONF
}

start_node() { slurmd -N "$1" < /dev/null >> "$place/log/slurmd-$1.out" 2>&1; }

start_cluster() {
  configure_cluster
  munged --key-file="$place/etc/munge.key" --socket="$place/run/munge.sock" --pid-file="$place/run/munged.pid" \
    --log-file="$place/log/munged.log" --seed-file="$place/run/munged.seed" --num-threads=2 \
    < /dev/null >> "$place/log/munged.out" 2>&1 || return
  slurmctld < /dev/null >> "$place/log/slurmctld.out" 2>&1 || return
  local node
  for node in n1 n2 n3 n4; do start_node "$node" || return; done
  await 30 all_nodes_are_up
}

all_nodes_are_up() {
  (($(sinfo --noheader --Node --partition main --format %T 2> /dev/null | grep -cxE 'idle|mixed|allocated|completing') == 4))
}

# The daemons of this cluster and the processes of its jobs, which have its settings in their environment. (So have the
# commands of this script, but no node.)
cluster_processes() {
  local files file name
  files="$(grep -lzxF "SLURM_CONF=$SLURM_CONF" /proc/[0-9]*/environ 2> /dev/null || true)"
  [[ -n $files ]] || return 0
  for file in $files; do
    if read -r name < "${file%environ}comm" && [[ $name =~ ^(munged$|slurm) ]]; then echo "$file"; fi
  done 2> /dev/null | sed 's|/proc/||; s|/environ||'
  grep -lzx 'SLURMD_NODENAME=n[1-4]' $files /dev/null 2> /dev/null | sed 's|/proc/||; s|/environ||' || true
}
environment_of() { tr '\0' '\n' 2> /dev/null < "$1/environ" || true; }

# Ends all of them, at once and until none is left: nothing of it is kept.
stop_cluster() {
  local processes
  for _ in $(seq 50); do
    processes="$(cluster_processes)"
    [[ -n $processes ]] || return 0
    kill -9 $processes 2> /dev/null || true
    sleep 0.1
  done
  echo "still running: $processes" >&2
}
