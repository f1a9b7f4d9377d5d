#!/bin/bash
# Removes old snapshots and logs: zkCleanup.sh -n COUNT
. "$(dirname "$(readlink -f "$0")")/zkEnv.sh"
value() { sed -nE "s/^ *$1 *= *//p" "$config"; }
log=$(value dataLogDir)
data=$(value dataDir)
run_class "${ZK_CLIENT_HEAP:-256}" '' org.apache.zookeeper.server.PurgeTxnLog "${log:-$data}" "$data" "$@"
