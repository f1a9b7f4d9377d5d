//go:build linux

// Command agent is the part of devk that runs on the nodes of a local cluster. It communicates over its standard input and output,
// and exits when its input ends. In pods of services with `restart`, the same program stands before the command of the container, and in the
// container of the registry before the registry.
package main

import (
	"fmt"
	"net/netip"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/files"
	"devk.dev/agent/internal/forward"
	"devk.dev/agent/internal/guard"
	"devk.dev/agent/internal/mux"
	"devk.dev/agent/internal/restore"
	"devk.dev/agent/internal/reverse"
	"devk.dev/agent/internal/supervise"
)

// tasks is the folder in which containerd stores the process ID of each container of the kubelet.
const tasks = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"

// hostAddress is what host.devk.internal resolves to in pods. The same value is in src/presets/corefile.ts.
var hostAddress = netip.AddrFrom4([4]byte{169, 254, 68, 75})

// swapAddress is where swapped Services lead to. An EndpointSlice cannot name a link-local address; this one is from the range for benchmarks
// of networks (RFC 2544), which is not routed either. The same value is in src/swap/plan.ts.
var swapAddress = netip.AddrFrom4([4]byte{198, 18, 68, 75})

// memoryLimit is far above the needs of a busy agent. Near it, the garbage collector runs more often.
const memoryLimit = 64 << 20

func main() {
	if len(os.Args) > 1 && isInContainer(os.Args[1]) {
		os.Exit(inContainer(os.Args[1], os.Args[2:]))
	}
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(memoryLimit)
	// If the client exits, writes return an error instead of ending the process, so that temporary files are still deleted.
	signal.Ignore(unix.SIGPIPE)
	unix.Umask(0o022)
	// A container that sees the processes of the node must not look into this one.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("prctl: %w", err)
	}
	if len(args) != 1 {
		return fmt.Errorf("usage: agent sync|forward|reverse|swap|restore")
	}
	in, out := os.NewFile(polled(0), "stdin"), os.NewFile(polled(1), "stdout")
	switch args[0] {
	case "sync":
		if err := files.Supported(); err != nil {
			return err
		}
		return mux.Serve(in, out, files.Handler(tasks))
	case "forward":
		return mux.Serve(in, out, forward.Handle)
	case "reverse":
		return listen(hostAddress, "/run/devk-reverse.lock", in, out)
	case "swap":
		return listen(swapAddress, "/run/devk-swap.lock", in, out)
	case "restore":
		return mux.Serve(in, out, restore.Restorer{Pause: 2 * time.Second, Patience: 10 * time.Minute}.Handle)
	}
	return fmt.Errorf("%q is neither sync, forward, reverse, swap nor restore", args[0])
}

// listen lets pods connect to an address of the node.
func listen(address netip.Addr, lockFile string, in, out *os.File) error {
	release, err := reverse.Claim(address, lockFile)
	if err != nil {
		return err
	}
	defer release()
	return mux.Serve(in, out, reverse.New(address).Handle)
}

func isInContainer(mode string) bool {
	return mode == "install" || mode == "supervise" || mode == "restart" || mode == "look" || mode == "guard"
}

// inContainer does the part of the agent in a pod or in the container of the registry, and returns the exit code: install FOLDER...,
// supervise SOCKET COMMAND..., restart SOCKET, look PATH..., guard ADDRESS ADDRESS-OF-SERVER HOST,HOST COMMAND...
func inContainer(mode string, args []string) int {
	code, err := 0, error(nil)
	switch {
	case mode == "install" && len(args) > 0:
		err = supervise.Install(args)
	case mode == "supervise" && len(args) > 1:
		code, err = supervise.Run(args[0], args[1:])
	case mode == "restart" && len(args) == 1:
		err = supervise.Restart(args[0])
	case mode == "look":
		_, err = os.Stdout.WriteString(supervise.Look(args))
	case mode == "guard" && len(args) > 3:
		code, err = guard.Run(args[0], args[1], strings.Split(args[2], ","), args[3:])
	default:
		err = fmt.Errorf("agent %s: wrong arguments", mode)
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return code
}

// polled makes the Go runtime wait for a pipe with its poller, as it does for connections. A thread that blocks in read wakes up later.
func polled(fd int) uintptr {
	// A file that cannot be polled stays in blocking mode.
	_ = unix.SetNonblock(fd, true)
	return uintptr(fd)
}
