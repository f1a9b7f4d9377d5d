// Package drvs registers the one driver that the kit's Minikube has: the others need libvirt or virtual machines.
package drvs

import _ "k8s.io/minikube/pkg/minikube/registry/drvs/docker"
