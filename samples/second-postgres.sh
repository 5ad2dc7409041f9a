#!/usr/bin/env bash
# A PostgreSQL server that is somebody else's: for the tour, on loopback alone, removed by "stop".
set -euo pipefail

directory=${SECOND_POSTGRES_DIRECTORY:-/tmp/platform-second-postgres}
port=${SECOND_POSTGRES_PORT:-54330}
binaries=$(ls -d /usr/lib/postgresql/*/bin | sort -V | tail -n 1)

# The server refuses to run as root.
as_user() {
  if [[ $(id -u) -eq 0 ]]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi
}

start() {
  as_user mkdir -m 700 "$directory"
  printf 'reader-password\n' | as_user tee "$directory/password" >/dev/null
  as_user "$binaries/initdb" -D "$directory/data" -U reader --pwfile="$directory/password" -A scram-sha-256 -E UTF8 >/dev/null
  as_user "$binaries/pg_ctl" -D "$directory/data" -w -l "$directory/log" \
    -o "-p $port -c listen_addresses=127.0.0.1 -c unix_socket_directories=$directory" start >/dev/null
  PGPASSWORD=reader-password "$binaries/psql" -q -h 127.0.0.1 -p "$port" -U reader -d postgres <<'SQL'
create table stations (id integer primary key, name text not null, city text not null, height_m integer not null);
insert into stations values (1, 'Sand Point', 'Seattle', 18), (2, 'Sea-Tac', 'Seattle', 132), (3, 'Blindern', 'Oslo', 94);
SQL
  echo "PostgreSQL on 127.0.0.1:$port, database postgres, user reader, password reader-password"
}

stop() {
  as_user "$binaries/pg_ctl" -D "$directory/data" -w -m fast stop >/dev/null || true
  as_user rm -rf "$directory"
}

case ${1:-} in
  start) start ;;
  stop) stop ;;
  *)
    echo "usage: second-postgres.sh start|stop" >&2
    exit 2
    ;;
esac
