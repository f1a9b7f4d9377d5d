//go:build linux

// agent is the part of devk that runs on the nodes of a local cluster. It talks over its standard input and output, and ends
// with its input.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"runtime/debug"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/files"
	"devk.dev/agent/internal/forward"
	"devk.dev/agent/internal/mux"
)

// tasks is where containerd keeps the first process of each of the kubelet's containers.
const tasks = "/run/containerd/io.containerd.runtime.v2.task/k8s.io"

// memoryLimit is far above what the buffers of a busy agent need; near it the collector works harder.
const memoryLimit = 64 << 20

func main() {
	if err := run(os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(args []string) error {
	debug.SetGCPercent(50)
	debug.SetMemoryLimit(memoryLimit)
	// A client that is gone is an error of writing, so that temporary files are still deleted.
	signal.Ignore(unix.SIGPIPE)
	unix.Umask(0o022)
	if len(args) != 1 {
		return fmt.Errorf("usage: agent sync|forward")
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
	}
	return fmt.Errorf("%q is neither sync nor forward", args[0])
}

// polled lets the runtime wait for a pipe as it does for connections: a thread that blocks in it wakes later.
func polled(fd int) uintptr {
	// What cannot be polled blocks as before.
	_ = unix.SetNonblock(fd, true)
	return uintptr(fd)
}
