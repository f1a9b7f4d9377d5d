// Package ext contains the types that Traefik embeds in its configuration as an extension point for forks. The published module
// imports this package but does not contain it.
package ext

// HTTP adds nothing to the HTTP configuration.
type HTTP struct{}

// Router adds nothing to a router.
type Router struct{}
