package table

import (
	"fmt"
	"strings"

	"devk.kit/cni/policy"
	"sigs.k8s.io/knftables"
)

// Pods of one node are joined by routes, not by a bridge, so that all traffic between two pods passes the forward hook of its
// nodes, on one node as between two; addresses of Services are those of pods by then. What the node itself sends to its pods, and
// they to it, does not pass there: it is always allowed. Egress is judged on the node of the source, ingress on that of the
// destination; each has a chain of its own, because accepting ends a chain only.
const (
	egressPriority  = knftables.FilterPriority + " - 20"
	ingressPriority = knftables.FilterPriority + " - 10"
	// A pod may always reach itself, also through a Service.
	selfSet = "pod-to-itself"
)

var field = map[policy.Direction]string{policy.Egress: "ip saddr", policy.Ingress: "ip daddr"}

func enforce(tx *knftables.Transaction, rules policy.Ruleset) {
	addSets(tx, rules)
	for _, each := range rules.Policies {
		tx.Add(&knftables.Chain{Name: each.Name, Comment: comment(each.Title)})
		for _, accepted := range each.Accept {
			rule(tx, each.Name, matches(accepted), "accept")
		}
	}
	for _, group := range rules.Groups {
		tx.Add(&knftables.Chain{Name: group.Name})
		for _, name := range group.Policies {
			rule(tx, group.Name, "jump", name)
		}
		rule(tx, group.Name, "drop")
	}
	tx.Add(&knftables.Set{Name: selfSet, Type: "ipv4_addr . ipv4_addr"})
	direct(tx, rules.Groups, policy.Egress, egressPriority)
	direct(tx, rules.Groups, policy.Ingress, ingressPriority)
}

// direct sends new connections of isolated pods to the chain of their group. Those that were let through once go on.
func direct(tx *knftables.Transaction, groups []policy.Group, direction policy.Direction, priority knftables.BaseChainPriority) {
	verdicts := "isolated-" + string(direction)
	tx.Add(&knftables.Map{Name: verdicts, Type: "ipv4_addr : verdict"})
	for _, group := range groups {
		if group.Direction != direction {
			continue
		}
		for _, address := range group.Addresses {
			ip := address.String()
			tx.Add(&knftables.Element{Map: verdicts, Key: []string{ip}, Value: []string{"goto " + group.Name}})
			tx.Add(&knftables.Element{Set: selfSet, Key: []string{ip, ip}})
		}
	}
	chain := base("judge-"+string(direction), knftables.FilterType, knftables.ForwardHook, priority)
	tx.Add(chain)
	rule(tx, chain.Name, "ct state established,related accept")
	rule(tx, chain.Name, "ip saddr . ip daddr @"+selfSet, "accept")
	rule(tx, chain.Name, field[direction], "vmap @"+verdicts)
}

func addSets(tx *knftables.Transaction, rules policy.Ruleset) {
	for _, set := range rules.AddressSets {
		tx.Add(&knftables.Set{Name: set.Name, Type: "ipv4_addr"})
		for _, address := range set.Addresses {
			tx.Add(&knftables.Element{Set: set.Name, Key: []string{address.String()}})
		}
	}
	for _, set := range rules.PortSets {
		tx.Add(&knftables.Set{Name: set.Name, Type: "ipv4_addr . inet_service"})
		for _, port := range set.Ports {
			key := []string{port.Addr().String(), fmt.Sprint(port.Port())}
			tx.Add(&knftables.Element{Set: set.Name, Key: key})
		}
	}
}

// matches is a rule of a policy in the words of nft; empty when it matches everything.
func matches(rule policy.Rule) string {
	other := field[policy.Ingress]
	if rule.Direction == policy.Ingress {
		other = field[policy.Egress]
	}
	var parts []string
	add := func(format string, values ...any) { parts = append(parts, fmt.Sprintf(format, values...)) }
	if rule.Peers != "" {
		add("%s @%s", other, rule.Peers)
	}
	if rule.Block.IsValid() {
		add("%s %s", other, rule.Block)
	}
	for _, except := range rule.Except {
		add("%s != %s", other, except)
	}
	switch {
	case rule.PortSet != "":
		add("ip daddr . %s dport @%s", rule.Protocol, rule.PortSet)
	case rule.First == 0 && rule.Protocol != "":
		add("meta l4proto %s", rule.Protocol)
	case rule.Last > rule.First:
		add("%s dport %d-%d", rule.Protocol, rule.First, rule.Last)
	case rule.First > 0:
		add("%s dport %d", rule.Protocol, rule.First)
	}
	return strings.Join(parts, " ")
}

func comment(text string) *string {
	return knftables.PtrTo(text[:min(len(text), knftables.CommentLengthMax)])
}
