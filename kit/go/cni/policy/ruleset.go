// Package policy turns NetworkPolicies, pods and namespaces into the packet rules of one node. It only computes: what it gives is
// a value that can be compared, tested and written to the kernel.
package policy

import "net/netip"

// Direction is the side of a pod a rule is about.
type Direction string

const (
	Ingress Direction = "ingress"
	Egress  Direction = "egress"
)

// Ruleset is all that one node has to enforce. Equal inputs give equal rule sets, in the same order.
type Ruleset struct {
	// AddressSets are the pods that selectors mean, on all nodes.
	AddressSets []AddressSet
	// PortSets are the pods that have a port of a name, with its number.
	PortSets []PortSet
	// Policies are the policies that select pods of this node, once for each direction they speak of.
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

// Policy lets through what any of its rules accepts, and says nothing of the rest.
type Policy struct {
	Name string
	// Title is what people call it: namespace/name.
	Title string
	// Accept are alternatives.
	Accept []Rule
}

// Rule matches a packet when all that is set in it matches.
type Rule struct {
	Direction Direction
	// Peers names the address set the other side must be in.
	Peers string
	// Block is the range the other side must be in, and in none of Except.
	Block  netip.Prefix
	Except []netip.Prefix
	// Protocol is tcp, udp or sctp.
	Protocol string
	// First to Last are the destination ports; 0 for all.
	First, Last uint16
	// PortSet names the port set the destination must be in.
	PortSet string
}

// Group is a number of pods of this node that the same policies isolate in one direction: what none of them accepts is dropped.
type Group struct {
	Name      string
	Direction Direction
	// Policies are names of Ruleset.Policies.
	Policies  []string
	Addresses []netip.Addr
}
