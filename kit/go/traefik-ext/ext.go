// Package ext has the types that Traefik embeds in its configuration for forks to fill. The published module names the folder they
// lie in and leaves the folder out.
package ext

// HTTP adds nothing to the HTTP configuration.
type HTTP struct{}

// Router adds nothing to a router.
type Router struct{}
