#!/bin/sh
# Starts the broker as its own user. Variables: RABBITMQ_DEFAULT_USER, RABBITMQ_DEFAULT_PASS, RABBITMQ_DEFAULT_VHOST, also as
# NAME_FILE, the path of a file that holds the value; RABBITMQ_ERLANG_COOKIE.
set -e

for name in RABBITMQ_DEFAULT_USER RABBITMQ_DEFAULT_PASS RABBITMQ_DEFAULT_VHOST; do
  file=$(printenv "${name}_FILE" || true)
  if [ -n "$file" ]; then
    export "$name=$(cat "$file")"
    unset "${name}_FILE"
  fi
done

case $1 in
  rabbitmq*)
    if [ "$(id -u)" = 0 ]; then
      find /var/lib/rabbitmq \! -user rabbitmq -exec chown rabbitmq '{}' +
      exec setpriv --reuid rabbitmq --regid rabbitmq --init-groups "$0" "$@"
    fi
    ;;
esac

if [ -n "$RABBITMQ_ERLANG_COOKIE" ]; then
  cookie=/var/lib/rabbitmq/.erlang.cookie
  if [ "$(cat "$cookie" 2>/dev/null)" != "$RABBITMQ_ERLANG_COOKIE" ]; then
    rm -f "$cookie"
    (umask 077 && printf '%s\n' "$RABBITMQ_ERLANG_COOKIE" > "$cookie")
    chmod 400 "$cookie"
  fi
fi
exec "$@"
