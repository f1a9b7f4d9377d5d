package policy

import (
	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
)

const (
	xa, xb, xc = "10.0.1.1", "10.0.1.2", "10.0.1.3"
	ya, yb, yc = "10.0.2.1", "10.0.2.2", "10.0.2.3"
	za         = "10.0.2.4"
	outside    = "192.0.2.7"
)

// Three namespaces x, y, z with pods a, b, c each. Pods of x are on node n1, all others on n2; each serves "web" on TCP 80 and
// "stats" on TCP 81, but the pods called c have "web" on 8080.
func world(policies ...*networking.NetworkPolicy) State {
	state := State{Policies: policies}
	for row, namespace := range []string{"x", "y", "z"} {
		state.Namespaces = append(state.Namespaces, &core.Namespace{
			ObjectMeta: meta.ObjectMeta{Name: namespace, Labels: map[string]string{"ns": namespace}},
		})
		for column, name := range []string{"a", "b", "c"} {
			web := int32(80)
			if name == "c" {
				web = 8080
			}
			pod := pod(namespace, name, addresses[row][column])
			pod.Spec.Containers = []core.Container{{Ports: []core.ContainerPort{
				{Name: "web", Protocol: core.ProtocolTCP, ContainerPort: web},
				{Name: "stats", Protocol: core.ProtocolTCP, ContainerPort: 81},
			}}}
			if namespace != "x" {
				pod.Spec.NodeName = "n2"
			}
			state.Pods = append(state.Pods, pod)
		}
	}
	return state
}

var addresses = [3][3]string{
	{"10.0.1.1", "10.0.1.2", "10.0.1.3"},
	{"10.0.2.1", "10.0.2.2", "10.0.2.3"},
	{"10.0.2.4", "10.0.2.5", "10.0.2.6"},
}

func pod(namespace, name, address string) *core.Pod {
	return &core.Pod{
		ObjectMeta: meta.ObjectMeta{Namespace: namespace, Name: name, Labels: map[string]string{"pod": name}},
		Spec:       core.PodSpec{NodeName: "n1"},
		Status:     core.PodStatus{Phase: core.PodRunning, PodIPs: []core.PodIP{{IP: address}}},
	}
}
