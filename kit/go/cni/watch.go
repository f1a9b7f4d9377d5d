package main

import (
	"context"
	"fmt"

	core "k8s.io/api/core/v1"
	networking "k8s.io/api/networking/v1"
	"k8s.io/apimachinery/pkg/api/meta"
	"k8s.io/apimachinery/pkg/labels"
	"k8s.io/client-go/informers"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/cache"
)

// cluster is the API server's objects as this program last heard of them.
type cluster struct {
	factory informers.SharedInformerFactory
	// changed gets a value after a change; changes that come before it is taken are one.
	changed chan struct{}
}

// watchCluster returns once everything has been read for the first time.
func watchCluster(ctx context.Context, client kubernetes.Interface) (*cluster, error) {
	w := &cluster{
		factory: informers.NewSharedInformerFactoryWithOptions(client, 0, informers.WithTransform(withoutManagedFields)),
		changed: make(chan struct{}, 1),
	}
	tell := func() {
		select {
		case w.changed <- struct{}{}:
		default:
		}
	}
	handler := cache.ResourceEventHandlerFuncs{
		AddFunc:    func(any) { tell() },
		UpdateFunc: func(any, any) { tell() },
		DeleteFunc: func(any) { tell() },
	}
	for _, informer := range []cache.SharedIndexInformer{
		w.factory.Core().V1().Nodes().Informer(),
		w.factory.Core().V1().Namespaces().Informer(),
		w.factory.Core().V1().Pods().Informer(),
		w.factory.Networking().V1().NetworkPolicies().Informer(),
	} {
		if _, err := informer.AddEventHandler(handler); err != nil {
			return nil, err
		}
	}
	w.factory.Start(ctx.Done())
	for kind, synced := range w.factory.WaitForCacheSync(ctx.Done()) {
		if !synced {
			return nil, fmt.Errorf("%s could not be read: %w", kind, context.Cause(ctx))
		}
	}
	return w, nil
}

func (w *cluster) nodes() ([]*core.Node, error) {
	return w.factory.Core().V1().Nodes().Lister().List(labels.Everything())
}

func (w *cluster) namespaces() ([]*core.Namespace, error) {
	return w.factory.Core().V1().Namespaces().Lister().List(labels.Everything())
}

func (w *cluster) pods() ([]*core.Pod, error) {
	return w.factory.Core().V1().Pods().Lister().List(labels.Everything())
}

func (w *cluster) policies() ([]*networking.NetworkPolicy, error) {
	return w.factory.Networking().V1().NetworkPolicies().Lister().List(labels.Everything())
}

// withoutManagedFields drops what takes most of an object's memory, and is of no use here.
func withoutManagedFields(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}
