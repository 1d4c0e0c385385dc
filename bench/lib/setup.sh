# What every measurement begins with, to be sourced by bash at the top of the project: a folder for its files, which goes when it ends, what
# is missing on the machine, and a PostgreSQL server if it asks for one.
#
#   source bench/lib/setup.sh
#   needs wrk postgresql                # installs Debian's packages of what is not there
#   environment                         # sets PYTHON and BENCH_MLFLOW: a virtual environment with MLflow, which is kept
#   databases                           # starts PostgreSQL; sets BENCH_DATABASE, BENCH_DATABASE_MLFLOW, BENCH_DATABASE_MILLRACE, BENCH_PSQL, BENCH_PGBENCH
#
# WORK is the folder.
set -euo pipefail

WORK=$(mktemp -d)
chmod 755 "$WORK"
# shellcheck source=postgres.sh
source bench/lib/postgres.sh
_finish() {
  postgres_stop
  rm -rf "$WORK"
}
trap _finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

needs() {
  local package missing=()
  for package in "$@"; do
    case $package in
      postgresql) [ -n "$(compgen -G '/usr/lib/postgresql/*/bin/initdb')" ] || command -v initdb >/dev/null || missing+=("$package") ;;
      *) command -v "$package" >/dev/null || missing+=("$package") ;;
    esac
  done
  if [ "${#missing[@]}" -gt 0 ]; then
    echo "Installing ${missing[*]}" >&2
    apt-get -qq update
    DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends "${missing[@]}" >/dev/null
  fi
}

environment() {
  local folder=${XDG_CACHE_HOME:-$HOME/.cache}/millrace-bench
  if ! cmp -s bench/requirements.txt "$folder/complete"; then
    rm -rf "$folder"
    python3 -m venv "$folder"
    "$folder/bin/pip" install --quiet --disable-pip-version-check -r bench/requirements.txt
    cp bench/requirements.txt "$folder/complete"
  fi
  PYTHON=$folder/bin/python
  export BENCH_MLFLOW=$folder/bin/mlflow
}

databases() {
  postgres_start
  BENCH_DATABASE="PostgreSQL $POSTGRES_VERSION"
  BENCH_DATABASE_MLFLOW=$(postgres_database mlflow)
  BENCH_DATABASE_MILLRACE=$(postgres_database millrace)
  BENCH_PSQL=$POSTGRES_BIN/psql
  BENCH_PGBENCH=$POSTGRES_BIN/pgbench
  export BENCH_DATABASE BENCH_DATABASE_MLFLOW BENCH_DATABASE_MILLRACE BENCH_PSQL BENCH_PGBENCH
}
