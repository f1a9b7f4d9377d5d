package main

import (
	"context"
	"fmt"
	"log"
	"reflect"
	"time"

	"sigs.k8s.io/knftables"

	"devk.kit/cni/policy"
	"devk.kit/cni/table"
)

const (
	// Changes come in bursts. Waiting for the rest of a burst is cheaper than writing each change on its own.
	quiet = 20 * time.Millisecond
	retry = time.Second
)

// follow keeps the routes and rules of the node in line with the objects of the cluster. It configures the network of pods only after the
// first pass, so that no pod starts before its policies are in force.
func follow(ctx context.Context, cluster *cluster, own string, network table.Network) error {
	nft, err := knftables.New(knftables.IPv4Family, table.Name)
	if err != nil {
		return fmt.Errorf("this node has no nftables: %w", err)
	}
	var written *policy.Ruleset
	configured := false
	for {
		err := sync(ctx, nft, cluster, own, network, &written)
		if err == nil && !configured {
			err = writeConfiguration(network.Local)
			configured = err == nil
		}
		var again <-chan time.Time
		if err != nil && ctx.Err() == nil {
			log.Printf("next try in %v: %v", retry, err)
			again = time.After(retry)
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-again:
		case <-cluster.changed:
			time.Sleep(quiet)
		}
	}
}

// sync updates routes and rules. It does not write rules again that have not changed.
func sync(ctx context.Context, nft knftables.Interface, cluster *cluster, own string, network table.Network, written **policy.Ruleset) error {
	nodes, err := cluster.nodes()
	if err != nil {
		return err
	}
	if err := followPeers(own, nodes); err != nil {
		return fmt.Errorf("the routes to other nodes are not complete: %w", err)
	}
	rules, err := wantedRules(cluster, own)
	if err != nil {
		return err
	}
	if *written != nil && reflect.DeepEqual(**written, rules) {
		return nil
	}
	started := time.Now()
	tx := nft.NewTransaction()
	table.Fill(tx, network, rules)
	if err := nft.Run(ctx, tx); err != nil {
		return fmt.Errorf("the rules could not be written, the former ones stay: %w", err)
	}
	*written = &rules
	log.Printf("%d policies for %d groups of pods written in %v", len(rules.Policies), len(rules.Groups), time.Since(started).Round(time.Millisecond))
	return nil
}

func wantedRules(cluster *cluster, own string) (policy.Ruleset, error) {
	pods, err := cluster.pods()
	if err != nil {
		return policy.Ruleset{}, err
	}
	namespaces, err := cluster.namespaces()
	if err != nil {
		return policy.Ruleset{}, err
	}
	policies, err := cluster.policies()
	if err != nil {
		return policy.Ruleset{}, err
	}
	return policy.Compile(policy.State{Node: own, Pods: pods, Namespaces: namespaces, Policies: policies}), nil
}
