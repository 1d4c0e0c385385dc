# sh shim.sh FOLDER BLOCKS MEMORY COMMAND...: runs a command so that it outlives whoever started it, leaving in FOLDER
#   pid   of this script, which leads the process group, and when it started, in ticks since the machine did. Who wants
#         to keep the command from ever being started makes this file first
#   log   what the command prints, up to BLOCKS of 512 bytes
#   exit  with what the command exited
# Each of its processes has MEMORY KiB for data, if that is more than 0.
folder=$1
blocks=$2
memory=$3
shift 3

# The 22nd field of stat: the 20th behind the name, which is in brackets and may hold anything.
started() {
  shift 19
  echo "$1"
}
read -r stat <"/proc/$$/stat"
echo "$$ $(started ${stat##*) })" >"$folder/pid.$$"
ln "$folder/pid.$$" "$folder/pid" 2>/dev/null || exit 0
rm "$folder/pid.$$"

# A signal to the group is for the command; this has to tell how it ended. What is trapped, not ignored, is as usual
# again for the command.
trap : TERM INT HUP
{
  trap : TERM INT HUP
  # Room for the exit code, written over below: what the command prints may fill the disk.
  echo "    " >"$folder/exit.tmp"
  # This machine may allow less already.
  [ "$memory" = 0 ] || ulimit -d "$memory" 2>/dev/null || :
  "$@" </dev/null 2>&1
  echo "$?" 1<>"$folder/exit.tmp"
  mv "$folder/exit.tmp" "$folder/exit"
} | {
  trap '' TERM INT HUP
  # cat writes what it reads at once, and dies of its limit; the command must go on regardless.
  (ulimit -c 0 && ulimit -f "$blocks" && exec cat >>"$folder/log") 2>/dev/null ||
    echo "[millrace: the log is full, what follows is not kept]" >>"$folder/log"
  exec cat >/dev/null
}
