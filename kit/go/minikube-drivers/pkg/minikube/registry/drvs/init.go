// Package drvs registers the only driver of the kit's Minikube. The others need libvirt or virtual machines.
package drvs

import _ "k8s.io/minikube/pkg/minikube/registry/drvs/docker"
