#!/bin/sh
# Upstream's build has no protected mode; in Debian's it is switched off here, unless the caller decides otherwise, so that a pod
# whose command is redis-server itself answers other pods too.
case " $* " in
  *" --protected-mode "* | *" --version "* | *" -v "* | *" --help "* | *" -h "*) ;;
  *) [ -f "$1" ] && grep -q '^[[:space:]]*protected-mode' "$1" || set -- "$@" --protected-mode no ;;
esac
exec /usr/bin/redis-server "$@"
