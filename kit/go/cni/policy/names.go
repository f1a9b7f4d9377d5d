package policy

import (
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"slices"
	"strings"
)

// hashed returns a name for kernel tables, because names of Kubernetes can be too long for them. Equal parts give equal names.
func hashed(prefix string, parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return prefix + "-" + hex.EncodeToString(sum[:8])
}

// sorted returns the values of a map in the order of their keys.
func sorted[V any](named map[string]V) []V {
	values := make([]V, 0, len(named))
	for _, name := range slices.Sorted(maps.Keys(named)) {
		values = append(values, named[name])
	}
	return values
}
