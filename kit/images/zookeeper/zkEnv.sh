#!/bin/bash
# What the other scripts share. Variables: ZOOCFGDIR, ZOO_LOG_DIR, ZK_SERVER_HEAP and ZK_CLIENT_HEAP (MiB), JVMFLAGS,
# SERVER_JVMFLAGS, CLIENT_JVMFLAGS, JMXPORT, CLASSPATH; also set by zookeeper-env.sh and java.env beside zoo.cfg.
home=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")/.." && pwd)
conf=${ZOOCFGDIR:-/conf}
for file in "$conf/zookeeper-env.sh" "$conf/java.env"; do
  if [ -f "$file" ]; then . "$file"; fi
done
config=$conf/${ZOOCFG:-zoo.cfg}

run_class() { # HEAP FLAGS CLASS ARGUMENTS…; replaces this process
  local heap=$1 flags=$2
  shift 2
  # The variables hold several options each, so they are split here.
  exec "${JAVA_HOME:-/opt/java/openjdk}/bin/java" "-Xmx${heap}m" "-Dzookeeper.log.dir=${ZOO_LOG_DIR:-$home/logs}" \
    -cp "${CLASSPATH:+$CLASSPATH:}$conf:$home/lib/*" $flags ${JVMFLAGS:-} "$@"
}
