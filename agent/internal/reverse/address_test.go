//go:build linux

package reverse

import (
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// inOwnNetwork runs the test in a network of its own, in which nothing else can see the address.
func inOwnNetwork(t *testing.T) {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can change addresses")
	}
	// Not unlocked: the thread ends with the test.
	runtime.LockOSThread()
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		t.Skip("no network of its own: ", err)
	}
}

func addresses(t *testing.T) string {
	t.Helper()
	all, err := net.InterfaceAddrs()
	if err != nil {
		t.Fatal(err)
	}
	var texts []string
	for _, each := range all {
		texts = append(texts, each.String())
	}
	return strings.Join(texts, " ")
}

func TestTheAddressIsThereAsLongAsAnAgentNeedsIt(t *testing.T) {
	inOwnNetwork(t)
	address := netip.MustParseAddr("169.254.1.2")
	lock := filepath.Join(t.TempDir(), "lock")
	first, err := Claim(address, lock)
	if err != nil {
		t.Fatal(err)
	}
	second, err := Claim(address, lock)
	if err != nil {
		t.Fatal(err)
	}
	first()
	if got := addresses(t); got != "169.254.1.2/32" {
		t.Errorf("with one agent left: %q", got)
	}
	second()
	if got := addresses(t); got != "" {
		t.Errorf("after the last agent: %q", got)
	}
}
