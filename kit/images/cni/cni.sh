#!/bin/bash
# The network of one node: pods get addresses of the node's own range through ptp and host-local, every other node's range is a
# route to that node, and what leaves the cluster is masqueraded. Needs NODE_NAME and POD_SUBNET.
set -euo pipefail

pod_range() {
  kubectl get node "$NODE_NAME" -o jsonpath='{.spec.podCIDR}'
}

write_configuration() { # RANGE; appears in one step, because the runtime watches the folder
  cat > /etc/cni/net.d/.kit.tmp <<JSON
{
  "cniVersion": "0.4.0",
  "name": "kit",
  "plugins": [
    {
      "type": "ptp",
      "ipMasq": false,
      "mtu": ${MTU:-1500},
      "ipam": {
        "type": "host-local",
        "dataDir": "/run/cni-ipam-state",
        "routes": [{ "dst": "0.0.0.0/0" }],
        "ranges": [[{ "subnet": "$1" }]]
      }
    },
    { "type": "portmap", "capabilities": { "portMappings": true } }
  ]
}
JSON
  mv /etc/cni/net.d/.kit.tmp /etc/cni/net.d/10-kit.conflist
}

ensure() { # TABLE CHAIN -I|-A RULE…: the rule once, however often this runs
  local table=$1 chain=$2 how=$3
  shift 3
  iptables -w -t "$table" -C "$chain" "$@" 2>/dev/null || iptables -w -t "$table" "$how" "$chain" "$@"
}

masquerade() { # RANGE
  ensure nat POSTROUTING -A -s "$1" ! -d "$POD_SUBNET" -m addrtype ! --dst-type LOCAL -j MASQUERADE
}

# Addresses of pods that are gone, and of Services that are not programmed yet, must not leave the node by the default route:
# on some networks something answers there, and clients (the API server's aggregator among them) keep such a connection for ever.
close_unknown_addresses() {
  local services chain
  ip route replace unreachable "$POD_SUBNET"
  services=$(kubectl get servicecidr kubernetes -o jsonpath='{.spec.cidrs[0]}')
  for chain in OUTPUT FORWARD; do
    ensure filter "$chain" -A -d "$services" -j REJECT
    ensure filter "$chain" -I -d "$services" -p tcp -j REJECT --reject-with tcp-reset
  done
}

follow_peers() {
  local name range address
  while :; do
    kubectl get nodes -o jsonpath='{range .items[*]}{.metadata.name} {.spec.podCIDR} {.status.addresses[?(@.type=="InternalIP")].address}{"\n"}{end}' |
      while read -r name range address; do
        [ "$name" = "$NODE_NAME" ] || [ -z "$address" ] || ip route replace "$range" via "$address"
      done || echo 'the list of nodes could not be read; next try in 10 s' >&2
    sleep 10
  done
}

until range=$(pod_range) && [ -n "$range" ]; do sleep 1; done
write_configuration "$range"
masquerade "$range"
close_unknown_addresses
follow_peers
