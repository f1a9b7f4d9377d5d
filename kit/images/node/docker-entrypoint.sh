#!/bin/sh
# If the first argument is not a program on PATH, all arguments go to node: "docker run node:20-alpine app.js", "… --version".
set -e
if [ "${1#-}" != "$1" ] || ! command -v "$1" >/dev/null 2>&1 || { [ -f "$1" ] && ! [ -x "$1" ]; }; then
  set -- node "$@"
fi
exec "$@"
