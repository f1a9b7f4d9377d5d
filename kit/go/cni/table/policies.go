package table

import (
	"fmt"
	"strings"

	"devk.kit/cni/policy"
	"sigs.k8s.io/knftables"
)

// Routes connect the pods of a node, not a bridge. All traffic between two pods therefore passes the forward hook of their nodes, also on
// a single node. By then, addresses of Services have been replaced with addresses of pods. Traffic between the node itself and its pods does
// not pass this hook, so it is always allowed. Egress is checked on the node of the source, ingress on the node of the destination. Each
// has a chain of its own, because accept ends only one chain.
const (
	egressPriority  = knftables.FilterPriority + " - 20"
	ingressPriority = knftables.FilterPriority + " - 10"
	// A pod can always reach itself, also through a Service.
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

// direct sends new connections of isolated pods to the chain of their group. Connections that were accepted once continue.
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

// matches returns a rule of a policy in nft syntax. The result is empty if the rule matches everything.
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
