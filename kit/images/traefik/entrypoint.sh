#!/bin/sh
# Options and the names of Traefik's own commands are arguments of traefik.
set -e
case ${1:-} in
  -* | healthcheck | version) set -- traefik "$@" ;;
esac
exec "$@"
