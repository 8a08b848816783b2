#!/usr/bin/env bash
# PostgreSQL, MariaDB and Redis on loopback, for tests and for nothing else: they ask for no password and
# keep nothing.
#
#   eval "$(scripts/services.sh)"    start what does not answer, and set POSTGRES_URL, MYSQL_URL, REDIS_URL
#   scripts/services.sh env          print the three lines, start nothing
#   scripts/services.sh status       say what answers; fails if one does not
#   scripts/services.sh down         stop what was started here, and delete its data
#
# Whatever answers on a port is used as it is, whoever started it. The rest is started in data directories of
# its own, made anew each time: the settings and data of an installed server are never touched. What is not
# installed comes from Debian's packages, which takes root. Only lines for `eval` go to stdout.
set -euo pipefail

home=${SALLYPORT_SERVICES_HOME:-/var/tmp/sallyport-services}
services=(postgres mariadb redis)
declare -A port=(
  [postgres]=${POSTGRES_PORT:-5432} [mariadb]=${MARIADB_PORT:-3306} [redis]=${REDIS_PORT:-6379}
)
# pgbouncer is no service of its own: a test starts one.
declare -A package=([postgres]="postgresql pgbouncer" [mariadb]=mariadb-server [redis]=redis-server)
# Debian keeps servers where an ordinary user's PATH does not look, PostgreSQL's by version.
newest_postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
PATH=$PATH:/usr/sbin:$newest_postgres

say() { printf 'services: %s\n' "$*" >&2; }
die() { say "$*"; exit 1; }
answers() { (exec 3<>"/dev/tcp/127.0.0.1/${port[$1]}") 2>/dev/null; }
silent() { local s; for s in "${services[@]}"; do answers "$s" || printf '%s\n' "$s"; done; }
installed() { case $1 in postgres) command -v initdb && command -v pgbouncer ;; mariadb) command -v mariadbd ;; redis) command -v redis-server ;; esac >/dev/null; }

# Runs a command as that user where we are root (PostgreSQL refuses to run as root), else as ourselves.
as() { local user=$1; shift; if [ "$(id -u)" = 0 ]; then runuser -u "$user" -- "$@"; else "$@"; fi; }

# An empty directory that belongs to the server's user.
fresh_directory() { # NAME USER
  rm -rf "${home:?}/$1"
  mkdir -m 700 "$home/$1"
  [ "$(id -u)" != 0 ] || chown "$2:" "$home/$1"
}

# Neither PostgreSQL nor MariaDB waits for the disk: nothing here has to outlive a crash of the machine.
start_postgres() {
  local directory=$home/postgres
  fresh_directory postgres postgres
  cd "$directory"
  as postgres initdb -D "$directory/data" -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync
  # pg_ctl waits until the server takes statements.
  as postgres pg_ctl -D "$directory/data" -w -t 60 -l "$directory/server.log" start -o "-p ${port[postgres]} \
    -c listen_addresses=127.0.0.1 -c unix_socket_directories=$directory -c max_connections=300 \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off"
  as postgres createdb -h 127.0.0.1 -p "${port[postgres]}" -U postgres test
}

start_mariadb() {
  local directory=$home/mariadb user=()
  [ "$(id -u)" != 0 ] || user=(--user=mysql)
  fresh_directory mariadb mysql
  # Without `normal`, root is let in by the name of the operating system's user only.
  mariadb-install-db --no-defaults "${user[@]}" --datadir="$directory/data" --skip-test-db \
    --auth-root-authentication-method=normal
  setsid mariadbd --no-defaults "${user[@]}" --datadir="$directory/data" --socket="$directory/socket" \
    --pid-file="$directory/pid" --bind-address=127.0.0.1 --port="${port[mariadb]}" --max-connections=300 \
    --innodb-flush-log-at-trx-commit=0 --innodb-flush-method=nosync \
    >"$directory/server.log" 2>&1 </dev/null &
  local client=(--no-defaults -h 127.0.0.1 -P "${port[mariadb]}" -u root)
  for _ in {1..300}; do mariadb-admin "${client[@]}" ping >/dev/null 2>&1 && break; sleep 0.2; done
  mariadb "${client[@]}" -e 'create database test character set utf8mb4'
}

start_redis() {
  local directory=$home/redis
  fresh_directory redis "$(id -un)"
  redis-server --port "${port[redis]}" --bind 127.0.0.1 --dir "$directory" --save '' --appendonly no \
    --daemonize yes --pidfile "$directory/pid" --logfile "$directory/server.log"
  for _ in {1..50}; do answers redis && return; sleep 0.2; done
  return 1
}

install_packages() { # SERVICE...
  local missing=() s
  # Unquoted: a service may need several packages.
  for s in "$@"; do installed "$s" || missing+=(${package[$s]}); done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || die "not installed: ${missing[*]}. Run this as root, or install them."
  say "installing ${missing[*]}"
  # RUNLEVEL=1: the packages do not start servers of their own.
  local apt=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get -qq -o DPkg::Lock::Timeout=300)
  "${apt[@]}" update >&2 || say "apt-get update failed; trying with the lists that are here"
  "${apt[@]}" install -y --no-install-recommends "${missing[@]}" >"$home/install.log" 2>&1 ||
    { tail -20 "$home/install.log" >&2; die "apt-get could not install ${missing[*]}"; }
  newest_postgres=$(printf '%s\n' /usr/lib/postgresql/*/bin | sort -V | tail -1)
  PATH=$PATH:$newest_postgres
}

# Two calls at once: the second waits here, and then finds everything started.
take_turn() {
  mkdir -p "$home"
  [ -O "$home" ] || die "$home belongs to somebody else"
  chmod 755 "$home"
  exec 9>"$home/lock"
  flock -n 9 || { say "another call is at it; waiting"; flock 9; }
}

up() {
  # A server of ours that answers may lack its database yet: whoever is making it holds the lock.
  [ -O "$home" ] || [ -n "$(silent)" ] || return 0
  take_turn
  local wanted=() jobs=() failed=0 i
  mapfile -t wanted < <(silent)
  [ ${#wanted[@]} -gt 0 ] || return 0
  install_packages "${wanted[@]}"
  # 9>&-: a server that inherits the lock holds it as long as it lives.
  for i in "${wanted[@]}"; do (set -e; "start_$i") 9>&- >"$home/$i.log" 2>&1 & jobs+=($!); done
  for i in "${!wanted[@]}"; do
    if wait "${jobs[i]}"; then say "${wanted[i]} started on port ${port[${wanted[i]}]}"; continue; fi
    failed=1
    say "${wanted[i]} did not start:"
    tail -n 20 "$home/${wanted[i]}.log" "$home/${wanted[i]}/server.log" >&2 || true
  done
  return $failed
}

# By its working directory: the number in a pid file may have passed to another process since.
pid_of() {
  local file=$home/$1/pid pid
  [ "$1" != postgres ] || file=$home/postgres/data/postmaster.pid
  pid=$(head -1 "$file" 2>/dev/null) && [[ $(readlink "/proc/$pid/cwd") == "$home/$1"* ]] && printf '%s\n' "$pid"
}

down() {
  local s pid
  [ -d "$home" ] || return 0
  take_turn
  for s in "${services[@]}"; do
    pid=$(pid_of "$s") || continue
    # PostgreSQL takes TERM as a request to wait until its last client has left.
    kill "-$([ "$s" = postgres ] && echo INT || echo TERM)" "$pid"
    for _ in {1..100}; do kill -0 "$pid" 2>/dev/null || break; sleep 0.1; done
    say "$s stopped"
  done
  find "$home" -mindepth 1 ! -name lock -delete
}

status() {
  local s failed=0
  for s in "${services[@]}"; do
    if answers "$s"; then say "$s answers on port ${port[$s]}"; else say "$s does not answer"; failed=1; fi
  done
  return $failed
}

environment() {
  printf 'export POSTGRES_URL=postgres://postgres@127.0.0.1:%s/test\n' "${port[postgres]}"
  printf 'export MYSQL_URL=mysql://root@127.0.0.1:%s/test\n' "${port[mariadb]}"
  printf 'export REDIS_URL=redis://127.0.0.1:%s\n' "${port[redis]}"
}

case ${1:-up} in
  up) up; environment ;;
  env) environment ;;
  status) status ;;
  down) down ;;
  *) die "unknown: $1. It knows up (the default), env, status and down." ;;
esac
