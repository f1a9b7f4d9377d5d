#!/bin/bash
# The shell: zkCli.sh [-server HOST:PORT] [COMMAND…]
. "$(dirname "$(readlink -f "$0")")/zkEnv.sh"
run_class "${ZK_CLIENT_HEAP:-256}" "${CLIENT_JVMFLAGS:-}" org.apache.zookeeper.ZooKeeperMain "$@"
