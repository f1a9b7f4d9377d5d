#!/bin/sh
# The upstream image has no protected mode. This script disables it in Debian's Redis, unless the caller sets it, so that a pod with
# the command redis-server also answers other pods.
case " $* " in
  *" --protected-mode "* | *" --version "* | *" -v "* | *" --help "* | *" -h "*) ;;
  *) [ -f "$1" ] && grep -q '^[[:space:]]*protected-mode' "$1" || set -- "$@" --protected-mode no ;;
esac
exec /usr/bin/redis-server "$@"
