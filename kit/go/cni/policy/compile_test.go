package policy

import (
	"reflect"
	"testing"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

func TestVerdicts(t *testing.T) {
	everyone := networking.NetworkPolicySpec{Ingress: []networking.NetworkPolicyIngressRule{{}}}
	egressDenied := networking.NetworkPolicySpec{PolicyTypes: []networking.PolicyType{networking.PolicyTypeEgress}}
	bothDenied := networking.NetworkPolicySpec{
		PolicyTypes: []networking.PolicyType{networking.PolicyTypeIngress, networking.PolicyTypeEgress},
	}
	tests := []struct {
		name    string
		spec    networking.NetworkPolicySpec
		allowed []string
		denied  []string
	}{
		{"no rules deny all ingress, and nothing else", networking.NetworkPolicySpec{},
			[]string{xa + ">" + ya + " tcp 80", xa + ">" + outside + " tcp 443", ya + ">" + za + " tcp 80"},
			[]string{xb + ">" + xa + " tcp 80", ya + ">" + xa + " udp 80", outside + ">" + xa + " tcp 80", ya + ">" + xa + " icmp 0"}},
		{"an empty rule allows all", everyone, []string{ya + ">" + xa + " tcp 80", outside + ">" + xa + " sctp 9", ya + ">" + xa + " icmp 0"}, nil},
		{"egress only", egressDenied,
			[]string{ya + ">" + xa + " tcp 80"},
			[]string{xa + ">" + ya + " tcp 80", xa + ">" + xb + " tcp 80", xa + ">" + outside + " udp 53"}},
		{"both", bothDenied, nil, []string{ya + ">" + xa + " tcp 80", xa + ">" + ya + " tcp 80"}},
		{"the pod selector says who is isolated", networking.NetworkPolicySpec{PodSelector: *labelled("pod", "a")},
			[]string{ya + ">" + xb + " tcp 80"}, []string{ya + ">" + xa + " tcp 80"}},
		{"egress rules isolate both ways without policyTypes",
			networking.NetworkPolicySpec{PodSelector: *labelled("pod", "a"), Egress: to(peer{PodSelector: labelled("pod", "b")}).Egress},
			[]string{xa + ">" + xb + " tcp 80"}, []string{xa + ">" + ya + " tcp 80", ya + ">" + xa + " tcp 80"}},
		{"pods of the policy's namespace", from(peer{PodSelector: labelled("pod", "b")}),
			[]string{xb + ">" + xa + " tcp 80"}, []string{xc + ">" + xa + " tcp 80", yb + ">" + xa + " tcp 80"}},
		{"all pods of a namespace", from(peer{NamespaceSelector: labelled("ns", "y")}),
			[]string{ya + ">" + xa + " tcp 80", yb + ">" + xa + " udp 7"}, []string{xb + ">" + xa + " tcp 80", za + ">" + xa + " tcp 80"}},
		{"pods of all namespaces, and nobody else", from(peer{NamespaceSelector: &meta.LabelSelector{}}),
			[]string{ya + ">" + xa + " tcp 80", xb + ">" + xa + " tcp 80"}, []string{outside + ">" + xa + " tcp 80"}},
		{"both selectors of one peer must match", from(peer{NamespaceSelector: labelled("ns", "y"), PodSelector: labelled("pod", "b")}),
			[]string{yb + ">" + xa + " tcp 80"}, []string{ya + ">" + xa + " tcp 80", xb + ">" + xa + " tcp 80"}},
		{"one of two peers must match", from(peer{NamespaceSelector: labelled("ns", "y")}, peer{PodSelector: labelled("pod", "b")}),
			[]string{ya + ">" + xa + " tcp 80", xb + ">" + xa + " tcp 80"}, []string{za + ">" + xa + " tcp 80", xc + ">" + xa + " tcp 80"}},
		{"expressions", from(peer{NamespaceSelector: &meta.LabelSelector{MatchExpressions: []meta.LabelSelectorRequirement{
			{Key: "ns", Operator: meta.LabelSelectorOpNotIn, Values: []string{"x", "z"}}}}}),
			[]string{ya + ">" + xa + " tcp 80"}, []string{za + ">" + xa + " tcp 80", xb + ">" + xa + " tcp 80"}},
		{"a block", from(block("192.0.2.0/24")), []string{outside + ">" + xa + " tcp 80"}, []string{ya + ">" + xa + " tcp 80"}},
		{"a block with exceptions", to(block("10.0.0.0/16", "10.0.2.0/30", "10.0.9.0/24")),
			[]string{xa + ">" + za + " tcp 80", xa + ">" + xb + " tcp 80"}, []string{xa + ">" + ya + " tcp 80", xa + ">" + outside + " tcp 80"}},
		{"an exception that another block holds", to(block("10.0.0.0/16", "10.0.2.0/30"), block("10.0.2.1/32")),
			[]string{xa + ">" + ya + " tcp 80"}, []string{xa + ">" + yb + " tcp 80"}},
		{"an IPv6 block matches nothing here", from(block("::/0")), nil, []string{ya + ">" + xa + " tcp 80"}},
		{"a port", onPorts(numbered(core.ProtocolTCP, 80)),
			[]string{ya + ">" + xa + " tcp 80"}, []string{ya + ">" + xa + " tcp 81", ya + ">" + xa + " udp 80", ya + ">" + xa + " sctp 80"}},
		{"a range of ports", onPorts(numbered(core.ProtocolUDP, 80, 90)),
			[]string{ya + ">" + xa + " udp 80", ya + ">" + xa + " udp 90"}, []string{ya + ">" + xa + " udp 91", ya + ">" + xa + " tcp 85"}},
		{"all ports of a protocol", onPorts(protocolOnly(core.ProtocolSCTP)),
			[]string{ya + ">" + xa + " sctp 7"}, []string{ya + ">" + xa + " tcp 7"}},
		{"one of two ports", onPorts(numbered(core.ProtocolTCP, 80), numbered(core.ProtocolUDP, 53)),
			[]string{ya + ">" + xa + " tcp 80", ya + ">" + xa + " udp 53"}, []string{ya + ">" + xa + " tcp 53"}},
		{"a named port is that of each destination", onPorts(named("web")),
			[]string{ya + ">" + xa + " tcp 80", ya + ">" + xc + " tcp 8080"}, []string{ya + ">" + xc + " tcp 80", ya + ">" + xa + " tcp 81", ya + ">" + xa + " udp 80"}},
		{"a named port of others", toPorts(named("web")),
			[]string{xa + ">" + ya + " tcp 80", xa + ">" + yc + " tcp 8080"}, []string{xa + ">" + yc + " tcp 80", xa + ">" + outside + " tcp 80"}},
		{"a name that no pod has", onPorts(named("nothing")), nil, []string{ya + ">" + xa + " tcp 80"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			verdicts(t, world(in(test.spec)), test.allowed, test.denied)
		})
	}
}

func TestPoliciesAddUp(t *testing.T) {
	web, stats := in(onPorts(named("web"))), in(onPorts(named("stats")))
	stats.Name = "q"
	verdicts(t, world(web, stats),
		[]string{ya + ">" + xa + " tcp 80", ya + ">" + xa + " tcp 81"}, []string{ya + ">" + xa + " tcp 82"})
}

func TestEgressAndIngressMustBothAllow(t *testing.T) {
	deny := networking.NetworkPolicySpec{PolicyTypes: []networking.PolicyType{networking.PolicyTypeEgress}}
	other := in(from(peer{NamespaceSelector: labelled("ns", "x")}))
	other.Namespace = "y"
	verdicts(t, world(other), []string{xa + ">" + ya + " tcp 80"}, []string{za + ">" + ya + " tcp 80"})
	verdicts(t, world(other, in(deny)), nil, []string{xa + ">" + ya + " tcp 80"})
}

func TestAPodMayReachItself(t *testing.T) {
	verdicts(t, world(in(networking.NetworkPolicySpec{})), []string{xa + ">" + xa + " tcp 80"}, nil)
}

func TestPodsWithoutAnAddressOfTheirOwn(t *testing.T) {
	state := world(in(from(peer{PodSelector: &meta.LabelSelector{}})))
	host, over, waiting := pod("x", "host", "10.0.1.20"), pod("x", "over", "10.0.1.21"), pod("x", "waiting", "")
	host.Spec.HostNetwork = true
	over.Status.Phase = core.PodSucceeded
	waiting.Status.PodIPs = nil
	state.Pods = append(state.Pods, host, over, waiting)
	verdicts(t, state,
		[]string{ya + ">10.0.1.20 tcp 80", ya + ">10.0.1.21 tcp 80"},
		[]string{"10.0.1.20>" + xa + " tcp 80", "10.0.1.21>" + xa + " tcp 80"})
}

func TestAnAddressBelongsToItsYoungestPod(t *testing.T) {
	state := world(in(networking.NetworkPolicySpec{PodSelector: *labelled("pod", "a")}))
	young := pod("x", "young", xa)
	young.CreationTimestamp = meta.Unix(1, 0)
	state.Pods = append([]*core.Pod{young}, state.Pods...)
	verdicts(t, state, []string{ya + ">" + xa + " tcp 80"}, nil)
}

func TestTheOrderOfObjectsDoesNotMatter(t *testing.T) {
	one := world(in(from(peer{NamespaceSelector: labelled("ns", "y")})), in(onPorts(named("web"))))
	one.Policies[1].Name = "q"
	one.Node = "n1"
	other := one
	other.Pods, other.Policies = reversed(one.Pods), reversed(one.Policies)
	if a, b := Compile(one), Compile(other); !reflect.DeepEqual(a, b) {
		t.Errorf("two orders give two rule sets:\n%v\n%v", a, b)
	}
}

func TestPodsOfOtherNodesAreNotIsolatedHere(t *testing.T) {
	state := world(in(networking.NetworkPolicySpec{}))
	state.Node = "n2"
	if rules := Compile(state); len(rules.Groups)+len(rules.Policies) != 0 {
		t.Errorf("node n2 has none of the pods, and got %v", rules)
	}
}

func reversed[T any](list []T) []T {
	var result []T
	for index := range list {
		result = append(result, list[len(list)-1-index])
	}
	return result
}
