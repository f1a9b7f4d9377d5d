package policy

import (
	"net/netip"
	"slices"

	core "k8s.io/api/core/v1"
)

type addressedPod struct {
	*core.Pod
	address netip.Addr
}

// addressedPods returns the pods with an address of their own, by address. An address is reused as soon as its pod has ended, and the
// API server may learn of that end later. Therefore the newest pod owns the address.
func addressedPods(pods []*core.Pod) []addressedPod {
	owners := map[netip.Addr]*core.Pod{}
	for _, pod := range pods {
		address, has := addressOf(pod)
		if !has {
			continue
		}
		before, taken := owners[address]
		if !taken || before.CreationTimestamp.Before(&pod.CreationTimestamp) {
			owners[address] = pod
		}
	}
	all := make([]addressedPod, 0, len(owners))
	for address, pod := range owners {
		all = append(all, addressedPod{pod, address})
	}
	slices.SortFunc(all, func(a, b addressedPod) int { return a.address.Compare(b.address) })
	return all
}

func addressOf(pod *core.Pod) (netip.Addr, bool) {
	over := pod.Status.Phase == core.PodSucceeded || pod.Status.Phase == core.PodFailed
	if pod.Spec.HostNetwork || over {
		return netip.Addr{}, false
	}
	for _, ip := range pod.Status.PodIPs {
		if address, err := netip.ParseAddr(ip.IP); err == nil && address.Is4() {
			return address, true
		}
	}
	return netip.Addr{}, false
}

// portsNamed includes init containers, because those with restartPolicy Always run beside the other containers.
func (pod addressedPod) portsNamed(name string, protocol core.Protocol) []netip.AddrPort {
	var found []netip.AddrPort
	for _, container := range slices.Concat(pod.Spec.InitContainers, pod.Spec.Containers) {
		for _, port := range container.Ports {
			target := netip.AddrPortFrom(pod.address, uint16(port.ContainerPort))
			if port.Name == name && port.Protocol == protocol && !slices.Contains(found, target) {
				found = append(found, target)
			}
		}
	}
	slices.SortFunc(found, netip.AddrPort.Compare)
	return found
}
