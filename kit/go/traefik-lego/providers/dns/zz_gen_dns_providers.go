// Package dns contains no providers here. The SDKs of all clouds are half of Traefik's size and build time, and a cluster on a laptop
// does not prove the ownership of a public domain.
package dns

import (
	"fmt"

	"github.com/go-acme/lego/v4/challenge"
)

// NewDNSChallengeProviderByName always returns an error that says why.
func NewDNSChallengeProviderByName(name string) (challenge.Provider, error) {
	return nil, fmt.Errorf("this build of Traefik has no DNS providers, so not %q either; use another ACME challenge", name)
}
