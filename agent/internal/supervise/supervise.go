//go:build linux

// Package supervise stands before the command of a container, and starts it again when devk asks for that. Until then, a container
// behaves as without it: signals and the exit code are passed on. A program that ends after it was started again does not end the
// container, so that the next save can correct it.
package supervise

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// grace is how long a program may take to end before it is killed.
const grace = 5 * time.Second

// cannotStart is the exit code of a shell for a program that it does not find.
const cannotStart = 127

// supervisor is used by one goroutine, which alone starts and reaps processes: a process ID is never that of another process.
type supervisor struct {
	argv []string
	// child is the process ID of the program, or 0 when it does not run.
	child int
	// whole is what a restart signals: the process group of the program, or the program alone if it has none of its own.
	whole int
	// code is the exit code of the last run.
	code int
	// asked is answered when the program has ended and runs again.
	asked *request
	// restarted says that devk has asked before, and ending that the container is to end.
	restarted, ending bool
}

// Run starts a program and returns its exit code. It serves requests at the path of a socket.
func Run(socket string, argv []string) (int, error) {
	// In a pod with shareProcessNamespace, the processes that the program leaves behind come to this one only by this call.
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return 0, fmt.Errorf("prctl: %w", err)
	}
	signals := make(chan os.Signal, 64)
	signal.Notify(signals)
	// The Go runtime sends this one to itself, often.
	signal.Reset(unix.SIGURG)
	listener, err := listen(socket)
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	s := &supervisor{argv: argv}
	if err := s.start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return cannotStart, nil
	}
	return s.loop(signals, requests(listener)), nil
}

func (s *supervisor) loop(signals <-chan os.Signal, all <-chan *request) int {
	var late <-chan time.Time
	for {
		// A request waits while another one is carried out.
		next := all
		if s.asked != nil {
			next = nil
		}
		select {
		case received := <-signals:
			if s.onSignal(received.(syscall.Signal)) {
				return s.code
			}
		case s.asked = <-next:
			late = time.After(grace)
			if s.child == 0 {
				s.again()
			} else {
				_ = unix.Kill(s.whole, unix.SIGTERM)
			}
		case <-late:
			if s.asked != nil && s.child != 0 {
				_ = unix.Kill(s.whole, unix.SIGKILL)
			}
		}
	}
}

// onSignal passes a signal on, and says whether the supervisor is to end.
func (s *supervisor) onSignal(received syscall.Signal) bool {
	switch received {
	case unix.SIGCHLD:
		return s.reap()
	case unix.SIGPIPE:
		return false
	case unix.SIGTERM, unix.SIGINT, unix.SIGQUIT:
		s.ending = true
	}
	if s.child == 0 {
		return s.ending
	}
	_ = unix.Kill(s.child, received)
	return false
}

// reap takes up all processes that have ended, and says whether the supervisor is to end with the program.
func (s *supervisor) reap() bool {
	for {
		var status unix.WaitStatus
		pid, err := unix.Wait4(-1, &status, unix.WNOHANG, nil)
		if err == unix.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return false
		}
		if pid == s.child && (status.Exited() || status.Signaled()) && s.onEnd(status) {
			return true
		}
	}
}

func (s *supervisor) onEnd(status unix.WaitStatus) bool {
	s.code = status.ExitStatus()
	if status.Signaled() {
		s.code = 128 + int(status.Signal())
	}
	// What the program has started ends with it. The ID of the program alone may be that of another process by now.
	if s.whole < 0 {
		_ = unix.Kill(s.whole, unix.SIGKILL)
	}
	s.child = 0
	if s.ending || (s.asked == nil && !s.restarted) {
		return true
	}
	if s.asked != nil {
		s.again()
	} else {
		fmt.Fprintf(os.Stderr, "devk: the program ended with exit code %d. The next save starts it again.\n", s.code)
	}
	return false
}

// again starts the program and answers the request.
func (s *supervisor) again() {
	s.restarted = true
	s.asked.answer(s.start())
	s.asked = nil
}

func (s *supervisor) start() error {
	path, err := exec.LookPath(s.argv[0])
	if err != nil {
		return err
	}
	// The process group makes it possible to signal also what the program starts. A program that reads a terminal has to stay in the
	// foreground group.
	_, err = unix.IoctlGetTermios(0, unix.TCGETS)
	isTerminal := err == nil
	attributes := &syscall.ProcAttr{
		Env:   os.Environ(),
		Files: []uintptr{0, 1, 2},
		Sys:   &syscall.SysProcAttr{Setpgid: !isTerminal},
	}
	s.child, err = syscall.ForkExec(path, s.argv, attributes)
	if err != nil {
		s.child = 0
		return fmt.Errorf("%s: %w", path, err)
	}
	s.whole = -s.child
	if isTerminal {
		s.whole = s.child
	}
	return nil
}

// listen makes the socket. One that an earlier run of the container left is replaced.
func listen(socket string) (net.Listener, error) {
	if err := os.Remove(socket); err != nil && !os.IsNotExist(err) {
		return nil, err
	}
	return net.Listen("unix", socket)
}
