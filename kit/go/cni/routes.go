package main

import (
	"errors"
	"fmt"
	"net"
	"net/netip"

	core "k8s.io/api/core/v1"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

// routeProtocol marks the routes of this program, so that it can find and remove those that no node needs any more.
const routeProtocol = 119

// closePodRange makes addresses of deleted pods unreachable. Otherwise their traffic would leave the node by the default route.
func closePodRange(pods netip.Prefix) error {
	return netlink.RouteReplace(&netlink.Route{Dst: network(pods), Type: unix.RTN_UNREACHABLE, Protocol: routeProtocol})
}

// followPeers adds a route to the pod range of each other node, and removes the routes of deleted nodes.
func followPeers(own string, nodes []*core.Node) error {
	wanted := map[string]netlink.Route{}
	for _, node := range nodes {
		pods, address := podRange(node), addressOf(node)
		if node.Name == own || !pods.IsValid() || address == nil {
			continue
		}
		wanted[pods.String()] = netlink.Route{Dst: network(pods), Gw: address, Protocol: routeProtocol}
	}
	filter := &netlink.Route{Protocol: routeProtocol, Type: unix.RTN_UNICAST}
	present, err := netlink.RouteListFiltered(netlink.FAMILY_V4, filter, netlink.RT_FILTER_PROTOCOL|netlink.RT_FILTER_TYPE)
	if err != nil {
		return fmt.Errorf("the routes cannot be read: %w", err)
	}
	var problems []error
	for _, route := range present {
		target, is := wanted[route.Dst.String()]
		if !is {
			problems = append(problems, netlink.RouteDel(&route))
		} else if target.Gw.Equal(route.Gw) {
			delete(wanted, route.Dst.String())
		}
	}
	for _, route := range wanted {
		problems = append(problems, netlink.RouteReplace(&route))
	}
	return errors.Join(problems...)
}

// podRange returns the IPv4 range of the node, or the zero value if it has none yet.
func podRange(node *core.Node) netip.Prefix {
	for _, cidr := range append([]string{node.Spec.PodCIDR}, node.Spec.PodCIDRs...) {
		if prefix, err := netip.ParsePrefix(cidr); err == nil && prefix.Addr().Is4() {
			return prefix
		}
	}
	return netip.Prefix{}
}

func addressOf(node *core.Node) net.IP {
	for _, address := range node.Status.Addresses {
		if ip := net.ParseIP(address.Address); address.Type == core.NodeInternalIP && ip.To4() != nil {
			return ip
		}
	}
	return nil
}

func network(prefix netip.Prefix) *net.IPNet {
	return &net.IPNet{IP: prefix.Addr().AsSlice(), Mask: net.CIDRMask(prefix.Bits(), 32)}
}
