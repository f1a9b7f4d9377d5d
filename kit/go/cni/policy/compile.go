package policy

import (
	"slices"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
)

// State is the part of the API server's state that policies depend on.
type State struct {
	// Node is the name of the node to compute rules for.
	Node       string
	Pods       []*core.Pod
	Namespaces []*core.Namespace
	Policies   []*networking.NetworkPolicy
}

// Compile returns the rules of a node. Pods in the host's network have no address of their own, so they are neither isolated nor
// selected as peers. Address blocks can match them.
func Compile(state State) Ruleset {
	c := compiler{
		pods:     addressedPods(state.Pods),
		spaces:   map[string]*core.Namespace{},
		sets:     map[string]AddressSet{},
		ports:    map[string]PortSet{},
		policies: map[string]Policy{},
	}
	for _, namespace := range state.Namespaces {
		c.spaces[namespace.Name] = namespace
	}
	policies := slices.SortedFunc(slices.Values(state.Policies), func(a, b *networking.NetworkPolicy) int {
		return strings.Compare(title(a), title(b))
	})
	groups := map[string]Group{}
	for _, pod := range c.pods {
		if pod.Spec.NodeName != state.Node {
			continue
		}
		for _, direction := range []Direction{Egress, Ingress} {
			names, isolated := c.policiesOf(pod, policies, direction)
			if !isolated {
				continue
			}
			name := hashed(string(direction), names...)
			group := groups[name]
			group.Name, group.Direction, group.Policies = name, direction, names
			group.Addresses = append(group.Addresses, pod.address)
			groups[name] = group
		}
	}
	return Ruleset{
		AddressSets: sorted(c.sets),
		PortSets:    sorted(c.ports),
		Policies:    sorted(c.policies),
		Groups:      sorted(groups),
	}
}

type compiler struct {
	pods     []addressedPod
	spaces   map[string]*core.Namespace
	sets     map[string]AddressSet
	ports    map[string]PortSet
	policies map[string]Policy
}

// policiesOf returns the names of the policies that select the pod in a direction. One is enough to isolate it, even if it accepts nothing.
func (c *compiler) policiesOf(pod addressedPod, all []*networking.NetworkPolicy, direction Direction) ([]string, bool) {
	var names []string
	for _, policy := range all {
		if policy.Namespace != pod.Namespace || !speaksOf(policy, direction) || !selects(&policy.Spec.PodSelector, pod.Labels) {
			continue
		}
		names = append(names, c.policy(policy, direction))
	}
	return names, len(names) > 0
}

// policy compiles a policy in one direction, unless it exists already, and returns its name.
func (c *compiler) policy(policy *networking.NetworkPolicy, direction Direction) string {
	name := hashed("policy-"+string(direction), policy.Namespace, policy.Name)
	if _, done := c.policies[name]; done {
		return name
	}
	compiled := Policy{Name: name, Title: title(policy)}
	if direction == Ingress {
		for _, rule := range policy.Spec.Ingress {
			compiled.Accept = append(compiled.Accept, c.rules(direction, policy.Namespace, rule.From, rule.Ports)...)
		}
	} else {
		for _, rule := range policy.Spec.Egress {
			compiled.Accept = append(compiled.Accept, c.rules(direction, policy.Namespace, rule.To, rule.Ports)...)
		}
	}
	c.policies[name] = compiled
	return name
}

// rules combines every peer with every port. No peers means all peers, and no ports means all ports.
func (c *compiler) rules(
	direction Direction, namespace string, peers []networking.NetworkPolicyPeer, ports []networking.NetworkPolicyPort,
) []Rule {
	others := []Rule{{}}
	if len(peers) > 0 {
		others = nil
		for _, peer := range peers {
			others = append(others, c.peer(namespace, peer)...)
		}
	}
	targets := []Rule{{}}
	if len(ports) > 0 {
		targets = nil
		for _, port := range ports {
			targets = append(targets, c.port(port))
		}
	}
	var all []Rule
	for _, other := range others {
		for _, target := range targets {
			target.Direction = direction
			target.Peers, target.Block, target.Except = other.Peers, other.Block, other.Except
			all = append(all, target)
		}
	}
	return all
}

// speaksOf reports whether a policy isolates in a direction. The API server sets policyTypes only for clients that leave it out.
func speaksOf(policy *networking.NetworkPolicy, direction Direction) bool {
	if len(policy.Spec.PolicyTypes) == 0 {
		return direction == Ingress || len(policy.Spec.Egress) > 0
	}
	return slices.ContainsFunc(policy.Spec.PolicyTypes, func(kind networking.PolicyType) bool {
		return strings.EqualFold(string(kind), string(direction))
	})
}

func title(policy *networking.NetworkPolicy) string { return policy.Namespace + "/" + policy.Name }
