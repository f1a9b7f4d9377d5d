#!/bin/sh
# Options alone, and the names of Traefik's own commands, are arguments for traefik.
set -e
case ${1:-} in
  -* | healthcheck | version) set -- traefik "$@" ;;
esac
exec "$@"
