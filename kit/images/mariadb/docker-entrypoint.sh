#!/bin/bash
# Initializes an empty data folder once, runs /docker-entrypoint-initdb.d, then starts the server.
# Variables, each as MARIADB_NAME or MYSQL_NAME, and with _FILE for the path of a file that holds the value: ROOT_PASSWORD,
# ALLOW_EMPTY_ROOT_PASSWORD (or MYSQL_ALLOW_EMPTY_PASSWORD), RANDOM_ROOT_PASSWORD, DATABASE, USER, PASSWORD, ROOT_HOST.
set -euo pipefail

data=/var/lib/mysql

setting() { # NAME: the value of one of the variables
  local name file
  for name in "MARIADB_$1" "MYSQL_$1"; do
    file="${name}_FILE"
    if [ -n "${!file:-}" ]; then cat "${!file}"; return; fi
    if [ -n "${!name:-}" ]; then printf '%s' "${!name}"; return; fi
  done
}

quoted() { # a string of SQL
  local text=${1//\\/\\\\}
  printf "'%s'" "${text//\'/\'\'}"
}

initialise() {
  local root user password database host
  root=$(setting ROOT_PASSWORD)
  if [ -z "$root" ] && [ -n "$(setting RANDOM_ROOT_PASSWORD)" ]; then
    root=$(pwgen --secure 32 1)
    echo "GENERATED ROOT PASSWORD: $root"
  fi
  [ -n "$root$(setting ALLOW_EMPTY_ROOT_PASSWORD)$(setting ALLOW_EMPTY_PASSWORD)" ] || {
    echo 'error: the database is not initialised and no root password is given' >&2
    echo '       set MARIADB_ROOT_PASSWORD or MYSQL_ROOT_PASSWORD' >&2
    exit 1
  }
  mariadb-install-db --user=mysql --datadir="$data" --auth-root-authentication-method=normal --skip-test-db >/dev/null
  mariadbd --skip-networking --socket=/run/mysqld/init.sock &
  local server=$!
  sql() { mariadb --socket=/run/mysqld/init.sock -uroot "$@"; }
  until sql -e 'SELECT 1' >/dev/null 2>&1; do
    kill -0 "$server" || { echo 'error: the server has ended' >&2; exit 1; }
    sleep 0.2
  done
  database=$(setting DATABASE)
  user=$(setting USER)
  password=$(setting PASSWORD)
  host=$(setting ROOT_HOST)
  [ -z "$database" ] || sql -e "CREATE DATABASE IF NOT EXISTS \`${database//\`/\`\`}\`"
  if [ -n "$user" ]; then
    sql -e "CREATE USER $(quoted "$user")@'%' IDENTIFIED BY $(quoted "$password")"
    [ -z "$database" ] || sql -e "GRANT ALL ON \`${database//\`/\`\`}\`.* TO $(quoted "$user")@'%'"
  fi
  local file
  for file in /docker-entrypoint-initdb.d/*; do
    case $file in
      *.sh) if [ -x "$file" ]; then "$file"; else . "$file"; fi ;;
      *.sql) sql ${database:+"$database"} <"$file" ;;
      *.sql.gz) gunzip -c "$file" | sql ${database:+"$database"} ;;
    esac
  done
  # The installation makes accounts without a password, for loopback and for the name of this container.
  sql -e "DELETE FROM mysql.global_priv WHERE User = '' OR (User = 'root' AND Host <> 'localhost'); FLUSH PRIVILEGES"
  sql -e "CREATE USER IF NOT EXISTS 'root'@$(quoted "${host:-%}") IDENTIFIED BY $(quoted "$root");
    GRANT ALL ON *.* TO 'root'@$(quoted "${host:-%}") WITH GRANT OPTION;
    ALTER USER 'root'@'localhost' IDENTIFIED BY $(quoted "$root")"
  kill -TERM "$server"
  wait "$server"
}

if [ "${1#-}" != "$1" ]; then set -- mariadbd "$@"; fi
case " $* " in *" --version "* | *" -V "* | *" --help "*) exec "$@" ;; esac
if [ "$1" = mariadbd ] || [ "$1" = mysqld ]; then
  if [ "$(id -u)" = 0 ]; then
    find "$data" /run/mysqld \! -user mysql -exec chown mysql '{}' +
    exec setpriv --reuid mysql --regid mysql --init-groups "$0" "$@"
  fi
  [ -d "$data/mysql" ] || initialise
fi
exec "$@"
