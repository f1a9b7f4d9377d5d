#!/bin/bash
# Writes zoo.cfg and myid if they do not exist, from the variables ZOO_*, and starts the server as its own user.
set -euo pipefail

if [ "$1" = zkServer.sh ] && [ "$(id -u)" = 0 ]; then
  find "$ZOO_DATA_DIR" "$ZOO_DATA_LOG_DIR" "$ZOO_LOG_DIR" \! -user zookeeper -exec chown zookeeper '{}' +
  exec setpriv --reuid zookeeper --regid zookeeper --init-groups "$0" "$@"
fi

for file in /docker-entrypoint.d/*; do
  [ -x "$file" ] || continue
  case $file in
    *.envsh) . "$file" ;;
    *.sh) "$file" ;;
  esac
done

settings() {
  printf '%s\n' "dataDir=$ZOO_DATA_DIR" "dataLogDir=$ZOO_DATA_LOG_DIR" \
    "tickTime=$ZOO_TICK_TIME" "initLimit=$ZOO_INIT_LIMIT" "syncLimit=$ZOO_SYNC_LIMIT" \
    "autopurge.snapRetainCount=$ZOO_AUTOPURGE_SNAPRETAINCOUNT" "autopurge.purgeInterval=$ZOO_AUTOPURGE_PURGEINTERVAL" \
    "maxClientCnxns=$ZOO_MAX_CLIENT_CNXNS" "standaloneEnabled=$ZOO_STANDALONE_ENABLED" \
    "admin.enableServer=$ZOO_ADMINSERVER_ENABLED"
  # Lists of words, so they are split here. A star in one is no pattern.
  set -f
  printf '%s\n' ${ZOO_SERVERS:-server.1=localhost:2888:3888;2181}
  [ -z "${ZOO_4LW_COMMANDS_WHITELIST:-}" ] || printf '%s\n' "4lw.commands.whitelist=$ZOO_4LW_COMMANDS_WHITELIST"
  [ -z "${ZOO_CFG_EXTRA:-}" ] || printf '%s\n' $ZOO_CFG_EXTRA
  set +f
}

[ -f "$ZOO_CONF_DIR/zoo.cfg" ] || settings > "$ZOO_CONF_DIR/zoo.cfg"
[ -f "$ZOO_DATA_DIR/myid" ] || echo "${ZOO_MY_ID:-1}" > "$ZOO_DATA_DIR/myid"
exec "$@"
