// Command cni is the network of one node. Pods get addresses from the range of the node. The range of every other node gets a route to
// that node. Traffic that leaves the cluster is masqueraded. NetworkPolicies are enforced. The variables NODE_NAME and POD_SUBNET are required.
package main

import (
	"context"
	"fmt"
	"log"
	"net/netip"
	"os"
	"os/signal"
	"syscall"
	"time"

	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"

	"devk.kit/cni/table"
)

func main() {
	log.SetFlags(log.LstdFlags | log.Lmicroseconds)
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	if err := run(ctx); err != nil && ctx.Err() == nil {
		log.Fatal(err)
	}
}

func run(ctx context.Context) error {
	own := os.Getenv("NODE_NAME")
	pods, err := netip.ParsePrefix(os.Getenv("POD_SUBNET"))
	if own == "" || err != nil || !pods.Addr().Is4() {
		return fmt.Errorf("NODE_NAME and POD_SUBNET (an IPv4 range) must be set; they are %q and %q", own, os.Getenv("POD_SUBNET"))
	}
	config, err := rest.InClusterConfig()
	if err != nil {
		return err
	}
	config.ContentType = "application/vnd.kubernetes.protobuf"
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		return err
	}
	network, err := clusterNetwork(ctx, client, own, pods)
	if err != nil {
		return err
	}
	if err := closePodRange(network.Pods); err != nil {
		return fmt.Errorf("the pod range cannot be closed: %w", err)
	}
	cluster, err := watchCluster(ctx, client)
	if err != nil {
		return err
	}
	return follow(ctx, cluster, own, network)
}

// clusterNetwork waits until this node has its pod range. The first requests fail, because kube-proxy starts at the same time as this
// program and the API server is behind a Service. Frequent attempts are faster than a client with exponential backoff.
func clusterNetwork(ctx context.Context, client kubernetes.Interface, own string, pods netip.Prefix) (table.Network, error) {
	for told := false; ; {
		local, services, err := ranges(ctx, client, own)
		if err == nil {
			return table.Network{Local: local, Pods: pods, Services: services}, nil
		}
		if !told {
			log.Printf("waiting for the API server: %v", err)
			told = true
		}
		select {
		case <-ctx.Done():
			return table.Network{}, ctx.Err()
		case <-time.After(200 * time.Millisecond):
		}
	}
}

func ranges(ctx context.Context, client kubernetes.Interface, own string) (local, services netip.Prefix, err error) {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	node, err := client.CoreV1().Nodes().Get(ctx, own, meta.GetOptions{})
	if err != nil {
		return local, services, err
	}
	if local = podRange(node); !local.IsValid() {
		return local, services, fmt.Errorf("node %s has no IPv4 pod range yet", own)
	}
	found, err := client.NetworkingV1().ServiceCIDRs().Get(ctx, "kubernetes", meta.GetOptions{})
	if err != nil {
		return local, services, err
	}
	for _, cidr := range found.Spec.CIDRs {
		if prefix, err := netip.ParsePrefix(cidr); err == nil && prefix.Addr().Is4() {
			return local, prefix, nil
		}
	}
	return local, services, fmt.Errorf("the cluster has no IPv4 range for Services")
}
