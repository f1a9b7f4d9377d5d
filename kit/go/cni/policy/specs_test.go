package policy

import (
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

type peer = networking.NetworkPolicyPeer

// in makes a policy of namespace x.
func in(spec networking.NetworkPolicySpec) *networking.NetworkPolicy {
	return &networking.NetworkPolicy{ObjectMeta: meta.ObjectMeta{Namespace: "x", Name: "p"}, Spec: spec}
}

func from(peers ...networking.NetworkPolicyPeer) networking.NetworkPolicySpec {
	return networking.NetworkPolicySpec{Ingress: []networking.NetworkPolicyIngressRule{{From: peers}}}
}

func to(peers ...networking.NetworkPolicyPeer) networking.NetworkPolicySpec {
	return networking.NetworkPolicySpec{
		PolicyTypes: []networking.PolicyType{networking.PolicyTypeEgress},
		Egress:      []networking.NetworkPolicyEgressRule{{To: peers}},
	}
}

func onPorts(ports ...networking.NetworkPolicyPort) networking.NetworkPolicySpec {
	return networking.NetworkPolicySpec{Ingress: []networking.NetworkPolicyIngressRule{{Ports: ports}}}
}

func toPorts(ports ...networking.NetworkPolicyPort) networking.NetworkPolicySpec {
	return networking.NetworkPolicySpec{
		PolicyTypes: []networking.PolicyType{networking.PolicyTypeEgress},
		Egress:      []networking.NetworkPolicyEgressRule{{Ports: ports}},
	}
}

func labelled(key, value string) *meta.LabelSelector {
	return &meta.LabelSelector{MatchLabels: map[string]string{key: value}}
}

func block(cidr string, except ...string) networking.NetworkPolicyPeer {
	return networking.NetworkPolicyPeer{IPBlock: &networking.IPBlock{CIDR: cidr, Except: except}}
}

func numbered(protocol core.Protocol, port int, end ...int32) networking.NetworkPolicyPort {
	number := intstr.FromInt(port)
	result := networking.NetworkPolicyPort{Protocol: &protocol, Port: &number}
	if len(end) > 0 {
		result.EndPort = &end[0]
	}
	return result
}

func named(name string) networking.NetworkPolicyPort {
	port := intstr.FromString(name)
	return networking.NetworkPolicyPort{Port: &port}
}

func protocolOnly(protocol core.Protocol) networking.NetworkPolicyPort {
	return networking.NetworkPolicyPort{Protocol: &protocol}
}
