// Package table writes the packet rules of a node as one nftables table. It replaces the whole table in one transaction, so the kernel
// changes from the old rules to the new ones between two packets.
package table

import (
	"net/netip"

	"devk.kit/cni/policy"
	"sigs.k8s.io/knftables"
)

// Name of the table. Other programs do not use it.
const Name = "devk-kit"

// Network contains the addresses of the cluster that the rules need.
type Network struct {
	// Local is the pod range of this node, Pods that of the cluster, Services the address range of Services.
	Local, Pods, Services netip.Prefix
}

// Fill replaces the content of the table within the transaction.
func Fill(tx *knftables.Transaction, network Network, rules policy.Ruleset) {
	// Adding an existing table is not an error. Deleting a missing one would be.
	tx.Add(&knftables.Table{})
	tx.Delete(&knftables.Table{})
	tx.Add(&knftables.Table{Comment: knftables.PtrTo("network of devk's kit: policies, masquerading, Services without endpoints")})
	masquerade(tx, network)
	rejectUnserved(tx, network)
	enforce(tx, rules)
}

// masquerade gives traffic that leaves the cluster the address of the node. kube-proxy does the same for Services.
func masquerade(tx *knftables.Transaction, network Network) {
	chain := base("leaving-cluster", knftables.NATType, knftables.PostroutingHook, knftables.SNATPriority)
	tx.Add(chain)
	rule(tx, chain.Name, "ip saddr", network.Local, "ip daddr !=", network.Pods, "fib daddr type != local masquerade")
}

// rejectUnserved rejects packets that are still addressed to a Service after the rules of kube-proxy: the Service has no endpoints (yet).
// Such packets must not leave the node by the default route. On some networks something answers there, and clients, such as the API
// server's aggregator, keep the connection forever.
func rejectUnserved(tx *knftables.Transaction, network Network) {
	hooks := []knftables.BaseChainHook{knftables.OutputHook, knftables.ForwardHook}
	for _, hook := range hooks {
		chain := base("unserved-"+string(hook), knftables.FilterType, hook, knftables.FilterPriority+" + 10")
		tx.Add(chain)
		rule(tx, chain.Name, "ip daddr", network.Services, "meta l4proto tcp reject with tcp reset")
		rule(tx, chain.Name, "ip daddr", network.Services, "reject")
	}
}

func base(name string, kind knftables.BaseChainType, hook knftables.BaseChainHook, priority knftables.BaseChainPriority) *knftables.Chain {
	return &knftables.Chain{Name: name, Type: &kind, Hook: &hook, Priority: &priority}
}

func rule(tx *knftables.Transaction, chain string, parts ...any) {
	tx.Add(&knftables.Rule{Chain: chain, Rule: knftables.Concat(parts...)})
}
