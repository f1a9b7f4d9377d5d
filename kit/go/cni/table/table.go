// Package table writes what a node does with packets as one nftables table, replaced as a whole and in one step: the kernel goes
// from the old rules to the new ones between two packets.
package table

import (
	"net/netip"

	"devk.kit/cni/policy"
	"sigs.k8s.io/knftables"
)

// Name of the table; other programs leave it alone.
const Name = "devk-kit"

// Network is what the rules need to know of the cluster's addresses.
type Network struct {
	// Local is the pod range of this node, Pods the one of the cluster, Services where Services have their addresses.
	Local, Pods, Services netip.Prefix
}

// Fill replaces the table's content in a transaction.
func Fill(tx *knftables.Transaction, network Network, rules policy.Ruleset) {
	// Adding what is there is no error, deleting what is not would be one.
	tx.Add(&knftables.Table{})
	tx.Delete(&knftables.Table{})
	tx.Add(&knftables.Table{Comment: knftables.PtrTo("network of devk's kit: policies, masquerading, Services without endpoints")})
	masquerade(tx, network)
	rejectUnserved(tx, network)
	enforce(tx, rules)
}

// masquerade gives what leaves the cluster the node's address. A Service's masquerading by kube-proxy comes to the same.
func masquerade(tx *knftables.Transaction, network Network) {
	chain := base("leaving-cluster", knftables.NATType, knftables.PostroutingHook, knftables.SNATPriority)
	tx.Add(chain)
	rule(tx, chain.Name, "ip saddr", network.Local, "ip daddr !=", network.Pods, "fib daddr type != local masquerade")
}

// rejectUnserved refuses what is still addressed to a Service once kube-proxy has had its turn, because nothing serves it (yet).
// It must not leave the node by the default route: on some networks something answers there, and clients (the API server's
// aggregator among them) keep such a connection for ever.
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
