package table

import (
	"context"
	"net/netip"
	"strings"
	"testing"

	"devk.kit/cni/policy"
	"sigs.k8s.io/knftables"
)

var network = Network{
	Local:    netip.MustParsePrefix("10.244.1.0/24"),
	Pods:     netip.MustParsePrefix("10.244.0.0/16"),
	Services: netip.MustParsePrefix("10.96.0.0/16"),
}

var rules = policy.Ruleset{
	AddressSets: []policy.AddressSet{{Name: "pods-1", Addresses: []netip.Addr{netip.MustParseAddr("10.244.2.9")}}},
	PortSets:    []policy.PortSet{{Name: "port-1", Ports: []netip.AddrPort{netip.MustParseAddrPort("10.244.1.5:80")}}},
	Policies: []policy.Policy{{
		Name:  "policy-ingress-1",
		Title: "shop/" + strings.Repeat("long", 60),
		Accept: []policy.Rule{
			{Direction: policy.Ingress, Peers: "pods-1", Protocol: "tcp", PortSet: "port-1"},
			{
				Direction: policy.Ingress, Block: netip.MustParsePrefix("10.0.0.0/8"),
				Except: []netip.Prefix{netip.MustParsePrefix("10.1.0.0/16")}, Protocol: "sctp", First: 80, Last: 90,
			},
			{Direction: policy.Ingress, Protocol: "udp"},
		},
	}, {
		Name: "policy-egress-1", Title: "shop/out",
		Accept: []policy.Rule{{Direction: policy.Egress, Peers: "pods-1", Protocol: "tcp", First: 443, Last: 443}, {Direction: policy.Egress}},
	}},
	Groups: []policy.Group{
		{Name: "ingress-1", Direction: policy.Ingress, Policies: []string{"policy-ingress-1"}, Addresses: []netip.Addr{netip.MustParseAddr("10.244.1.5")}},
		{Name: "egress-1", Direction: policy.Egress, Policies: []string{"policy-egress-1"}, Addresses: []netip.Addr{netip.MustParseAddr("10.244.1.6")}},
	},
}

func TestTheTableHoldsTheRules(t *testing.T) {
	fake := knftables.NewFake(knftables.IPv4Family, Name)
	written := write(t, fake, rules)
	for _, line := range []string{
		"chain ip devk-kit leaving-cluster ip saddr 10.244.1.0/24 ip daddr != 10.244.0.0/16 fib daddr type != local masquerade",
		"chain ip devk-kit unserved-output ip daddr 10.96.0.0/16 meta l4proto tcp reject with tcp reset",
		"policy-ingress-1 ip saddr @pods-1 ip daddr . tcp dport @port-1 accept",
		"policy-ingress-1 ip saddr 10.0.0.0/8 ip saddr != 10.1.0.0/16 sctp dport 80-90 accept",
		"policy-ingress-1 meta l4proto udp accept",
		"policy-egress-1 ip daddr @pods-1 tcp dport 443 accept",
		"policy-egress-1 accept",
		"ingress-1 jump policy-ingress-1",
		"ingress-1 drop",
		"isolated-ingress { 10.244.1.5 : goto ingress-1 }",
		"isolated-egress { 10.244.1.6 : goto egress-1 }",
		"pod-to-itself { 10.244.1.5 . 10.244.1.5 }",
		"judge-ingress ip daddr vmap @isolated-ingress",
		"judge-egress ip saddr vmap @isolated-egress",
		"port-1 { 10.244.1.5 . 80 }",
	} {
		if !strings.Contains(written, strings.TrimPrefix(line, "chain ip devk-kit ")) {
			t.Errorf("there is no %q in\n%s", line, written)
		}
	}
}

func TestWritingAgainLeavesNothingOfBefore(t *testing.T) {
	fake := knftables.NewFake(knftables.IPv4Family, Name)
	empty := write(t, fake, policy.Ruleset{})
	write(t, fake, rules)
	if again := write(t, fake, policy.Ruleset{}); again != empty {
		t.Errorf("the table holds\n%s\nafter an empty rule set, and held\n%s", again, empty)
	}
}

func write(t *testing.T, fake *knftables.Fake, rules policy.Ruleset) string {
	t.Helper()
	tx := fake.NewTransaction()
	Fill(tx, network, rules)
	if err := fake.Run(context.Background(), tx); err != nil {
		t.Fatal(err)
	}
	return fake.Dump()
}
