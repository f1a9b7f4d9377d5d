#!/bin/sh
# Expands environment variables in /etc/nginx/templates/*.template, runs /docker-entrypoint.d/*.sh, then starts nginx.
set -e
if [ "$1" = nginx ]; then
  defined=$(env | sed -n 's/^\([A-Za-z_][A-Za-z0-9_]*\)=.*/${\1}/p' | tr '\n' ' ')
  for template in /etc/nginx/templates/*.template; do
    [ -f "$template" ] || continue
    envsubst "$defined" < "$template" > "/etc/nginx/conf.d/$(basename "$template" .template)"
  done
  for script in /docker-entrypoint.d/*.sh; do
    [ -x "$script" ] || continue
    "$script"
  done
fi
exec "$@"
