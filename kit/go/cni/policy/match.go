package policy

import (
	"net/netip"
	"strings"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// peer is the other side of a rule. IPv6 blocks match nothing, because the pods of this network have only IPv4 addresses.
func (c *compiler) peer(namespace string, peer networking.NetworkPolicyPeer) []Rule {
	if peer.IPBlock == nil {
		return []Rule{{Peers: c.selected(namespace, peer)}}
	}
	block, ok := ipv4Prefix(peer.IPBlock.CIDR)
	if !ok {
		return nil
	}
	rule := Rule{Block: block}
	for _, cidr := range peer.IPBlock.Except {
		if except, ok := ipv4Prefix(cidr); ok {
			rule.Except = append(rule.Except, except)
		}
	}
	return []Rule{rule}
}

// selected returns the name of the set of pods that a peer's selectors match. Without a namespace selector it is the policy's own namespace.
func (c *compiler) selected(namespace string, peer networking.NetworkPolicyPeer) string {
	where := namespace
	if peer.NamespaceSelector != nil {
		where = "*" + meta.FormatLabelSelector(peer.NamespaceSelector)
	}
	pods := peer.PodSelector
	if pods == nil {
		pods = &meta.LabelSelector{}
	}
	name := hashed("pods", where, meta.FormatLabelSelector(pods))
	if _, done := c.sets[name]; done {
		return name
	}
	set := AddressSet{Name: name}
	for _, pod := range c.pods {
		if c.isIn(pod.Namespace, namespace, peer.NamespaceSelector) && selects(pods, pod.Labels) {
			set.Addresses = append(set.Addresses, pod.address)
		}
	}
	c.sets[name] = set
	return name
}

func (c *compiler) isIn(namespace, own string, selector *meta.LabelSelector) bool {
	if selector == nil {
		return namespace == own
	}
	found, known := c.spaces[namespace]
	return known && selects(selector, found.Labels)
}

// port is the destination of a rule. A named port is resolved in the destination pod, in both directions.
func (c *compiler) port(port networking.NetworkPolicyPort) Rule {
	protocol := core.ProtocolTCP
	if port.Protocol != nil {
		protocol = *port.Protocol
	}
	rule := Rule{Protocol: strings.ToLower(string(protocol))}
	switch {
	case port.Port == nil:
	case port.Port.Type == intstr.String:
		rule.PortSet = c.named(port.Port.StrVal, protocol)
	default:
		rule.First = uint16(port.Port.IntVal)
		rule.Last = rule.First
		if port.EndPort != nil {
			rule.Last = uint16(*port.EndPort)
		}
	}
	return rule
}

func (c *compiler) named(name string, protocol core.Protocol) string {
	key := hashed("port", name, string(protocol))
	if _, done := c.ports[key]; done {
		return key
	}
	set := PortSet{Name: key}
	for _, pod := range c.pods {
		set.Ports = append(set.Ports, pod.portsNamed(name, protocol)...)
	}
	c.ports[key] = set
	return key
}

// selects returns false for an invalid selector. The API server does not accept such selectors.
func selects(selector *meta.LabelSelector, set labels.Set) bool {
	parsed, err := meta.LabelSelectorAsSelector(selector)
	return err == nil && parsed.Matches(set)
}

func ipv4Prefix(cidr string) (netip.Prefix, bool) {
	prefix, err := netip.ParsePrefix(cidr)
	return prefix.Masked(), err == nil && prefix.Addr().Is4()
}
