#!/bin/sh
# If the first argument is not a program on PATH, it is a command of consul. An agent runs as the user consul. Variables:
# CONSUL_BIND_INTERFACE and CONSUL_CLIENT_INTERFACE select the interface whose address is used, CONSUL_LOCAL_CONFIG is JSON that is
# added to the configuration, CONSUL_DISABLE_PERM_MGMT keeps owners and user unchanged.
set -e

address_of() { # INTERFACE
  ip -o -4 addr show dev "$1" | awk '{ sub("/.*", "", $4); print $4; exit }'
}

if [ "${1#-}" != "$1" ]; then set -- agent "$@"; fi
if [ "$1" = agent ]; then
  shift
  if [ -n "$CONSUL_LOCAL_CONFIG" ]; then printf '%s\n' "$CONSUL_LOCAL_CONFIG" > /consul/config/local.json; fi
  if [ -n "$CONSUL_CLIENT_INTERFACE" ]; then set -- "-client=$(address_of "$CONSUL_CLIENT_INTERFACE")" "$@"; fi
  if [ -n "$CONSUL_BIND_INTERFACE" ]; then set -- "-bind=$(address_of "$CONSUL_BIND_INTERFACE")" "$@"; fi
  set -- consul agent -data-dir=/consul/data -config-dir=/consul/config "$@"
  if [ "$(id -u)" = 0 ] && [ -z "$CONSUL_DISABLE_PERM_MGMT" ]; then
    find /consul/data /consul/config \! -user consul -exec chown consul:consul '{}' + 2>/dev/null || true
    set -- setpriv --reuid consul --regid consul --init-groups "$@"
  fi
elif ! command -v "$1" >/dev/null 2>&1; then
  set -- consul "$@"
fi
exec "$@"
