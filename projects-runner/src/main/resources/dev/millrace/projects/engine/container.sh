# sh -c THIS sh COMMAND...: what a container runs. The folder is there before it starts, and everybody may write in it.
once=/mlflow/projects/.millrace

# A container that has ended would run again if it was started again: whoever makes this folder runs the command.
mkdir "$once/started" 2>/dev/null || exit "$(cat "$once/exit" 2>/dev/null || echo 137)"

# MLflow's commands are for bash, which small images lack; most of them are for any shell.
if [ "$1" = bash ] && ! command -v bash >/dev/null 2>&1; then
  shift
  set -- sh "$@"
fi

# A signal comes to the container's first process only, and is for all of them.
told=
trap 'told=x$told; kill -TERM -1' TERM
"$@" </dev/null 2>&1 &
command=$!
wait "$command"
code=$?
heard=
while [ "$heard" != "$told" ]; do
  # The signal has ended the waiting, perhaps before the command had ended: 127 says that it had.
  heard=$told
  wait "$command"
  again=$?
  [ "$again" = 127 ] || code=$again
done
echo "$code" >"$once/exit"

# What was told to end may take its time to; when this ends, all is killed.
while [ -n "$told" ] && kill -0 -1 2>/dev/null; do
  sleep 0.1
done
exit "$code"
