// Package policy computes the packet rules of one node from NetworkPolicies, pods and namespaces. It has no side effects: the result
// is a value that can be compared, tested and written to the kernel.
package policy

import "net/netip"

// Direction says whether a rule is about traffic to a pod or from a pod.
type Direction string

const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)

// Ruleset is everything that one node has to enforce. Equal inputs give equal rule sets, in the same order.
type Ruleset struct {
	// AddressSets are the pods that selectors match, on all nodes.
	AddressSets []AddressSet
	// PortSets are the pods that have a port with a certain name, with its number.
	PortSets []PortSet
	// Policies are the policies that select pods of this node, once for each direction that they cover.
	Policies []Policy
	// Groups are the isolated pods of this node.
	Groups []Group
}

// AddressSet is a named set of pod addresses, sorted.
type AddressSet struct {
	Name      string
	Addresses []netip.Addr
}

// PortSet is a named set of addresses with a port, sorted.
type PortSet struct {
	Name  string
	Ports []netip.AddrPort
}

// Policy accepts what any of its rules accepts. It does not decide about other packets.
type Policy struct {
	Name string
	// Title is the name for people: namespace/name.
	Title string
	// Accept are alternatives.
	Accept []Rule
}

// Rule matches a packet when all fields that are set match.
type Rule struct {
	Direction Direction
	// Peers is the name of the address set that must contain the other side.
	Peers string
	// Block is the range that must contain the other side. None of Except may contain it.
	Block  netip.Prefix
	Except []netip.Prefix
	// Protocol is tcp, udp or sctp.
	Protocol string
	// First to Last are the destination ports; 0 for all.
	First, Last uint16
	// PortSet is the name of the port set that must contain the destination.
	PortSet string
}

// Group contains pods of this node that the same policies isolate in one direction. Packets that no policy accepts are dropped.
type Group struct {
	Name      string
	Direction Direction
	// Policies are names in Ruleset.Policies.
	Policies  []string
	Addresses []netip.Addr
}
