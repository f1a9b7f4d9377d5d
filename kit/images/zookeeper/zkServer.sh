#!/bin/bash
# zkServer.sh [--config FOLDER] start-foreground|status|version [FILE]
if [ "$1" = --config ]; then
  export ZOOCFGDIR=$2
  shift 2
fi
. "$(dirname "$(readlink -f "$0")")/zkEnv.sh"
case ${2:-} in
  '') ;;
  */*) config=$2 ;;
  *) config=$conf/$2 ;;
esac
server=org.apache.zookeeper.server.quorum.QuorumPeerMain

case ${1:-} in
  start-foreground)
    jmx=
    if [ -n "${JMXPORT:-}" ]; then
      jmx="-Dcom.sun.management.jmxremote.port=$JMXPORT -Dcom.sun.management.jmxremote.rmi.port=$JMXPORT"
      jmx="$jmx -Dcom.sun.management.jmxremote.authenticate=${JMXAUTH:-false} -Dcom.sun.management.jmxremote.ssl=${JMXSSL:-false}"
    fi
    echo "Using config: $config" >&2
    run_class "${ZK_SERVER_HEAP:-1000}" "${SERVER_JVMFLAGS:-} $jmx" "$server" "$config"
    ;;
  status)
    port=$(sed -nE 's/^ *clientPort *= *([0-9]+).*/\1/p' "$config")
    data=$(sed -nE 's/^ *dataDir *= *//p' "$config")
    id=$(cat "$data/myid" 2>/dev/null)
    [ -n "$port" ] || port=$(sed -nE "s/^ *server\.$id *=.*;([^;]*:)?([0-9]+) *$/\2/p" "$config")
    [ -n "$port" ] || { echo "Client port not found in $config" >&2; exit 1; }
    mode=$(run_class "${ZK_CLIENT_HEAP:-256}" "${CLIENT_JVMFLAGS:-}" \
      org.apache.zookeeper.client.FourLetterWordMain localhost "$port" srvr 2>/dev/null | grep Mode)
    [ -n "$mode" ] || { echo 'Error contacting service. It is probably not running.' >&2; exit 1; }
    echo "$mode"
    ;;
  version) run_class "${ZK_CLIENT_HEAP:-256}" '' org.apache.zookeeper.version.VersionInfoMain ;;
  *)
    echo "Usage: $0 [--config FOLDER] start-foreground|status|version [FILE]" >&2
    exit 1
    ;;
esac
