# A PostgreSQL server for measurements, to be sourced by bash: the distribution's own, in a folder of its own, on a free port of
# 127.0.0.1, configured as it comes, so with full durability (fsync, synchronous_commit). Run by root, it runs as user postgres.
#
#   source bench/lib/postgres.sh
#   trap postgres_stop EXIT
#   postgres_start                      # sets POSTGRES_URL (database postgres), POSTGRES_PID, POSTGRES_VERSION
#   URL=$(postgres_database millrace)   # a new, empty database; prints postgresql://USER:PASSWORD@HOST:PORT/millrace
#
# POSTGRES_BIN names the folder of initdb, pg_ctl and psql; if it is not set, the newest below /usr/lib/postgresql is taken, else
# those of the PATH. TMPDIR says on which disk the data lie, /tmp if it is not set.

# Runs a command as the one whom the server belongs to.
_postgres_as() {
  if [ "$(id -u)" -eq 0 ]; then
    # Its own home may be anywhere; the working directory has to be one that it can read.
    (cd / && runuser -u postgres -- "$@")
  else
    "$@"
  fi
}

_postgres_bin() {
  if [ -n "${POSTGRES_BIN:-}" ]; then
    printf '%s\n' "$POSTGRES_BIN"
    return
  fi
  local newest
  newest=$(printf '%s\n' /usr/lib/postgresql/*/bin/initdb | sort -V | tail -n 1)
  [ -x "$newest" ] || newest=$(command -v initdb) || {
    printf 'There is no PostgreSQL server here. Debian, Ubuntu: apt-get install postgresql\n' >&2
    return 1
  }
  dirname "$newest"
}

# Starts a server with an empty cluster. Extra arguments are options of the server, such as -c shared_buffers=1GB.
postgres_start() {
  POSTGRES_BIN=$(_postgres_bin) || return
  POSTGRES_FOLDER=$(mktemp -d "${TMPDIR:-/tmp}/bench-postgres-XXXXXX") || return
  local port password
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])') || return
  password=$(python3 -c 'import secrets; print(secrets.token_hex(16))') || return
  printf '%s\n' "$password" >"$POSTGRES_FOLDER/password"
  if [ "$(id -u)" -eq 0 ]; then chown -R postgres: "$POSTGRES_FOLDER"; fi
  _postgres_as "$POSTGRES_BIN/initdb" --pgdata="$POSTGRES_FOLDER/data" --username=postgres --pwfile="$POSTGRES_FOLDER/password" \
    --auth=scram-sha-256 --encoding=UTF8 --locale=C.UTF-8 >"$POSTGRES_FOLDER.log" 2>&1 &&
    _postgres_as "$POSTGRES_BIN/pg_ctl" start --wait --silent --pgdata="$POSTGRES_FOLDER/data" --log="$POSTGRES_FOLDER/log" \
      --options="-c listen_addresses=127.0.0.1 -c port=$port -c unix_socket_directories= $*" >>"$POSTGRES_FOLDER.log" 2>&1 || {
    cat "$POSTGRES_FOLDER.log" "$POSTGRES_FOLDER/log" >&2
    return 1
  }
  POSTGRES_PID=$(head -n 1 "$POSTGRES_FOLDER/data/postmaster.pid")
  POSTGRES_URL=postgresql://postgres:$password@127.0.0.1:$port/postgres
  POSTGRES_VERSION=$("$POSTGRES_BIN/psql" -XAtd "$POSTGRES_URL" -c 'SHOW server_version')
}

# Creates a database of that name and prints its URL.
postgres_database() {
  "$POSTGRES_BIN/psql" -Xqd "$POSTGRES_URL" -v ON_ERROR_STOP=1 -v name="$1" <<<'CREATE DATABASE :"name";' || return
  printf '%s/%s\n' "${POSTGRES_URL%/*}" "$1"
}

# Stops the server, if it was started, and removes its files.
postgres_stop() {
  [ -n "${POSTGRES_FOLDER:-}" ] || return 0
  if [ -e "$POSTGRES_FOLDER/data/postmaster.pid" ]; then
    _postgres_as "$POSTGRES_BIN/pg_ctl" stop --mode=fast --silent --pgdata="$POSTGRES_FOLDER/data" || true
  fi
  rm -rf "$POSTGRES_FOLDER" "$POSTGRES_FOLDER.log"
  POSTGRES_FOLDER=
}
