# Folders with other releases of Debian, made by debootstrap and kept; sourced by the scripts that try things there. They set
# `chroots`, the folder of these folders. All of it needs root and, for making a folder, the mirror that apt uses. What is
# mounted is the script's own and goes with it: the scripts run in a mount namespace (unshare --mount).

# The mirror of the distribution, as this machine's apt has it.
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Origin: Debian' 'Label: Debian' | sort -u | head -n 1
}

# Makes the folder of release $1 for architecture $2 (amd64, arm64), once; prints it.
make_release() {
  local folder="$chroots/$1" options=()
  [[ $2 == "$(dpkg --print-architecture)" ]] || folder+="-$2" options=("--arch=$2" --foreign)
  echo "$folder"
  [[ ! -e $folder.done ]] || return 0
  rm -rf "$folder"
  mkdir -p "$chroots"
  {
    debootstrap --variant=minbase "${options[@]}" "$1" "$folder" "$(mirror)" || return
    ((${#options[@]} == 0)) || chroot "$folder" /usr/bin/env -u TMPDIR /debootstrap/debootstrap --second-stage || return
  } > "$folder.log" 2>&1
  : > "$folder.done"
}

# Installs packages in $1, a mounted release. A mirror may be a frozen copy, older than its lists say that they are good for;
# and nothing of this must survive a power cut.
install_packages() {
  local place="$1"
  shift
  cp /etc/resolv.conf "$place/etc/resolv.conf"
  chroot "$place" /usr/bin/env -u TMPDIR DEBIAN_FRONTEND=noninteractive sh -euc '
    apt-get update -q -o Acquire::Check-Valid-Until=false
    apt-get install -y --no-install-recommends -o DPkg::Options::=--force-unsafe-io "$@"
    apt-get clean' sh "$@"
}

# Lets this machine run programs for arm64, until the script ends; a machine where that is set up already is left as it is.
emulate_arm64() {
  local registry=/proc/sys/fs/binfmt_misc name=esmfold-aarch64
  [[ $(uname -m) != aarch64 ]] || return 0
  [[ -e $registry/register ]] || mount -t binfmt_misc binfmt_misc "$registry" || return
  # The letters of an ELF file for arm64.
  if ! grep -qs '^magic 7f454c460201010000000000000000000200b700' "$registry"/*; then
    local program
    program="$(command -v qemu-aarch64-static || command -v qemu-aarch64)" || return
    # F: the emulator is opened now, so that it need not be in the folder. P: programs see the name that they are called by.
    printf '%s' ":$name:M::\\x7f\\x45\\x4c\\x46\\x02\\x01\\x01\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x00\\x02\\x00\\xb7\\x00:\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\x00\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xff\\xfe\\xff\\xff\\xff:$program:FP" \
      > "$registry/register" || return
    trap "echo -1 > '$registry/$name'" EXIT
  fi
}
