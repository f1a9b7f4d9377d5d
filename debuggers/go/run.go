//go:build linux

package main

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/go-delve/delve/pkg/logflags"
	"github.com/go-delve/delve/service"
	"github.com/go-delve/delve/service/api"
	"github.com/go-delve/delve/service/debugger"
	"github.com/go-delve/delve/service/rpc2"
	"github.com/go-delve/delve/service/rpccommon"
)

// lookEvery is the time between two looks at the program.
const lookEvery = 200 * time.Millisecond

// passedOn are the signals that a program of a container gets from others.
var passedOn = []os.Signal{syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP, syscall.SIGQUIT, syscall.SIGUSR1, syscall.SIGUSR2}

// run starts a program under Delve, which listens on address, and returns the exit code of the program. A program that Delve cannot start
// runs without it.
func run(address string, command []string) (int, error) {
	path, err := exec.LookPath(command[0])
	if err != nil {
		return 127, err
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, passedOn...)
	client, entrance, detached, err := start(address, append([]string{path}, command[1:]...))
	if err != nil {
		fmt.Fprintln(os.Stderr, "devk: the program runs without Delve, which says:", err)
		signal.Stop(signals)
		return 126, syscall.Exec(path, command, os.Environ())
	}
	pid := client.ProcessPid()
	var ends atomic.Bool
	go func() {
		for each := range signals {
			// A program that stands at a breakpoint could not end.
			ends.Store(ends.Load() || each == syscall.SIGTERM || each == syscall.SIGINT)
			_ = syscall.Kill(pid, each.(syscall.Signal))
		}
	}()
	// The channel has to be read for the program to go on after a stop.
	resume := func() { go drain(client.Continue()) }
	resume()
	return watch(client, pid, detached, resume, func() bool { return ends.Load() || entrance.clients.Load() == 0 }), nil
}

// start opens the debugger. The program stands at its first instruction.
func start(address string, command []string) (*rpc2.RPCClient, *door, <-chan struct{}, error) {
	// Delve would write that it listens to the log of the program.
	if err := logflags.Setup(false, "", os.DevNull); err != nil {
		return nil, nil, nil, err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return nil, nil, nil, err
	}
	entrance, own := newDoor(listener)
	detached := make(chan struct{})
	server := rpccommon.NewServer(&service.Config{
		Listener:       entrance,
		ProcessArgs:    command,
		AcceptMulti:    true,
		APIVersion:     2,
		DisconnectChan: detached,
		Debugger: debugger.Config{
			WorkingDir:  ".",
			Backend:     "native",
			ExecuteKind: debugger.ExecutingExistingFile,
			Foreground:  true,
			// Programs of an older Go than Delve knows can mostly be debugged as well.
			CheckGoVersion: false,
		},
	})
	if err := server.Run(); err != nil {
		listener.Close()
		return nil, nil, nil, err
	}
	return rpc2.NewClientFromConn(own), entrance, detached, nil
}

// watch returns when the program has ended. While nobody is there, nothing stops the program.
func watch(client *rpc2.RPCClient, pid int, detached <-chan struct{}, resume func(), alone func() bool) int {
	tick := time.NewTicker(lookEvery)
	defer tick.Stop()
	free := true
	for {
		select {
		case <-detached:
			return waitFor(pid)
		case <-tick.C:
		}
		state, err := client.GetStateNonBlocking()
		if status, ended := endOf(err); ended {
			return exitCode(status)
		}
		switch {
		case err != nil:
			continue
		case !alone():
			free = false
		case !free || !state.Running:
			free = release(client, state.Running, resume)
		}
	}
}

// release removes the breakpoints of clients that have left, and lets the program go on. It reports whether that has worked.
func release(client *rpc2.RPCClient, running bool, resume func()) bool {
	if running {
		if _, err := client.Halt(); err != nil {
			return false
		}
	}
	points, err := client.ListBreakpoints(false)
	if err != nil {
		return false
	}
	for _, point := range points {
		// Those with other numbers are Delve's own, such as the one of a panic.
		if point.ID > 0 {
			_, _ = client.ClearBreakpoint(point.ID)
		}
	}
	resume()
	return true
}

// endOf reads the exit status from the error that Delve's client returns for a program that has ended.
func endOf(err error) (status int, ended bool) {
	if err == nil {
		return 0, false
	}
	var pid int
	n, _ := fmt.Sscanf(err.Error(), "Process %d has exited with status %d", &pid, &status)
	return status, n == 2
}

func drain(states <-chan *api.DebuggerState) {
	for range states {
	}
}

// waitFor waits for a program that Delve has left alone.
func waitFor(pid int) int {
	var status syscall.WaitStatus
	for {
		_, err := syscall.Wait4(pid, &status, 0, nil)
		if err == syscall.EINTR {
			continue
		}
		if status.Signaled() {
			return 128 + int(status.Signal())
		}
		return status.ExitStatus()
	}
}

// exitCode is what a shell would return. Delve reports a signal as a negative number.
func exitCode(status int) int {
	if status < 0 {
		return 128 - status
	}
	return status
}
