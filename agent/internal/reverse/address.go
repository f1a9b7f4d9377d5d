//go:build linux

package reverse

import (
	"encoding/binary"
	"fmt"
	"net"
	"net/netip"
	"os"

	"golang.org/x/sys/unix"
)

// Claim gives the node an address on its loopback interface, unless it has it. Pods reach an address of their node over their default route.
// No other machine does: routers do not forward link-local addresses. Release takes the address away when no other agent needs it: each
// has a shared lock on lockFile.
func Claim(address netip.Addr, lockFile string) (release func(), err error) {
	lock, err := os.OpenFile(lockFile, os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_SH); err != nil {
		return nil, fmt.Errorf("lock %s: %w", lockFile, err)
	}
	if err := change(unix.RTM_NEWADDR, unix.NLM_F_CREATE|unix.NLM_F_EXCL, address); err != nil && err != unix.EEXIST {
		return nil, fmt.Errorf("address %s: %w", address, err)
	}
	return func() {
		defer lock.Close()
		if unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB) == nil {
			_ = change(unix.RTM_DELADDR, 0, address)
		}
	}, nil
}

// change adds an address to the loopback interface or deletes it, as `ip address add ADDRESS/32 scope host dev lo` does.
func change(kind, flags uint16, address netip.Addr) error {
	loopback, err := net.InterfaceByName("lo")
	if err != nil {
		return err
	}
	native := binary.NativeEndian
	message := []byte{unix.AF_INET, 32, 0, unix.RT_SCOPE_HOST}
	message = native.AppendUint32(message, uint32(loopback.Index))
	for _, attribute := range []uint16{unix.IFA_LOCAL, unix.IFA_ADDRESS} {
		message = native.AppendUint16(native.AppendUint16(message, unix.SizeofRtAttr+4), attribute)
		message = append(message, address.AsSlice()...)
	}
	header := native.AppendUint32(nil, uint32(unix.SizeofNlMsghdr+len(message)))
	header = native.AppendUint16(native.AppendUint16(header, kind), unix.NLM_F_REQUEST|unix.NLM_F_ACK|flags)
	header = append(header, make([]byte, 8)...) // The kernel needs no sequence and fills in the sender.
	return exchange(append(header, message...))
}

// exchange sends one message to the kernel and returns its answer as an error.
func exchange(message []byte) error {
	socket, err := unix.Socket(unix.AF_NETLINK, unix.SOCK_RAW|unix.SOCK_CLOEXEC, unix.NETLINK_ROUTE)
	if err != nil {
		return err
	}
	defer unix.Close(socket)
	if err := unix.Sendto(socket, message, 0, &unix.SockaddrNetlink{Family: unix.AF_NETLINK}); err != nil {
		return err
	}
	answer := make([]byte, 4096)
	n, _, err := unix.Recvfrom(socket, answer, 0)
	if err != nil {
		return err
	}
	if n < unix.SizeofNlMsghdr+4 || binary.NativeEndian.Uint16(answer[4:]) != unix.NLMSG_ERROR {
		return unix.EPROTO
	}
	if code := int32(binary.NativeEndian.Uint32(answer[unix.SizeofNlMsghdr:])); code != 0 {
		return unix.Errno(-code)
	}
	return nil
}
