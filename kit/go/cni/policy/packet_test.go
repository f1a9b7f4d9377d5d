package policy

import (
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"testing"
)

type packet struct {
	source, target netip.Addr
	protocol       string
	port           uint16
}

// passes sends a packet, written as "source>target protocol port", through both nodes as the kernel would: it checks egress on the node
// of the source and ingress on the node of the target.
func passes(t *testing.T, state State, text string) bool {
	t.Helper()
	ends, rest, _ := strings.Cut(text, " ")
	source, target, _ := strings.Cut(ends, ">")
	p := packet{source: address(t, source), target: address(t, target)}
	if _, err := fmt.Sscan(rest, &p.protocol, &p.port); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	if p.source == p.target {
		return true
	}
	for _, node := range []string{"n1", "n2"} {
		state.Node = node
		if !Compile(state).allows(p) {
			return false
		}
	}
	return true
}

func (r Ruleset) allows(p packet) bool {
	for _, group := range r.Groups {
		own := p.target
		if group.Direction == Egress {
			own = p.source
		}
		if slices.Contains(group.Addresses, own) && !r.accepted(group, p) {
			return false
		}
	}
	return true
}

func (r Ruleset) accepted(group Group, p packet) bool {
	for _, policy := range r.Policies {
		if slices.Contains(group.Policies, policy.Name) && slices.ContainsFunc(policy.Accept, func(rule Rule) bool { return r.matches(rule, p) }) {
			return true
		}
	}
	return false
}

func (r Ruleset) matches(rule Rule, p packet) bool {
	other := p.source
	if rule.Direction == Egress {
		other = p.target
	}
	inSet := func(set AddressSet) bool { return set.Name == rule.Peers && slices.Contains(set.Addresses, other) }
	inPorts := func(set PortSet) bool {
		return set.Name == rule.PortSet && slices.Contains(set.Ports, netip.AddrPortFrom(p.target, p.port))
	}
	holds := func(block netip.Prefix) bool { return block.Contains(other) }
	return (rule.Peers == "" || slices.ContainsFunc(r.AddressSets, inSet)) &&
		(!rule.Block.IsValid() || holds(rule.Block)) && !slices.ContainsFunc(rule.Except, holds) &&
		(rule.Protocol == "" || rule.Protocol == p.protocol) &&
		(rule.First == 0 || (rule.First <= p.port && p.port <= rule.Last)) &&
		(rule.PortSet == "" || slices.ContainsFunc(r.PortSets, inPorts))
}

func verdicts(t *testing.T, state State, allowed, denied []string) {
	t.Helper()
	for _, packet := range allowed {
		if !passes(t, state, packet) {
			t.Errorf("%s is denied", packet)
		}
	}
	for _, packet := range denied {
		if passes(t, state, packet) {
			t.Errorf("%s is allowed", packet)
		}
	}
}

func address(t *testing.T, text string) netip.Addr {
	t.Helper()
	parsed, err := netip.ParseAddr(text)
	if err != nil {
		t.Fatal(err)
	}
	return parsed
}
