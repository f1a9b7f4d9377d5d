// Package dns knows no providers here: the SDKs of every cloud are half of Traefik's program and of the time it takes to build, and
// nobody proves the ownership of a public domain from a cluster on a laptop.
package dns

import (
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

// NewDNSChallengeProviderByName always fails and says why.
func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, fmt.Errorf("this build of Traefik has no DNS providers, so not %q either; use another ACME challenge", name)
}
