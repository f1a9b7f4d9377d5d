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

// cluster holds the objects of the API server as of the last watch event.
type cluster struct {
	factory informers.SharedInformerFactory
	// changed receives a value after a change. Changes before the value is taken are combined.
	changed chan struct{}
}

// watchCluster returns when everything has been read once.
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

// withoutManagedFields removes the managed fields, which use most of an object's memory and are not needed here.
func withoutManagedFields(object any) (any, error) {
	if accessor, err := meta.Accessor(object); err == nil {
		accessor.SetManagedFields(nil)
	}
	return object, nil
}
