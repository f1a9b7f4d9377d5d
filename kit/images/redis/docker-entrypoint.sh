#!/bin/sh
# Options alone and configuration files are arguments for redis-server, which never runs as root. Upstream's build has no
# protected mode; here it is switched off, unless the caller decides otherwise.
set -e
if [ "${1#-}" != "$1" ] || [ "${1%.conf}" != "$1" ]; then set -- redis-server "$@"; fi
if [ "$1" = redis-server ]; then
  if [ "$(id -u)" = 0 ]; then
    find . \! -user redis -exec chown redis '{}' +
    exec setpriv --reuid redis --regid redis --init-groups "$0" "$@"
  fi
  case " $* " in
    *" --protected-mode "*) ;;
    *) [ -f "$2" ] && grep -q '^[[:space:]]*protected-mode' "$2" || set -- "$@" --protected-mode no ;;
  esac
fi
exec "$@"
