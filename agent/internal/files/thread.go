//go:build linux

package files

import (
	"fmt"
	"os"
	"runtime"
	"strconv"

	"golang.org/x/sys/unix"
)

// workplace is where a thread works: a mount namespace and an identity.
type workplace struct {
	mounts *os.File
	user   identity
}

// ownHandles is the folder of the handles of this process. Below the root of a container, /proc is another one.
var ownHandles = -1

// keepOwnHandles opens ownHandles.
func keepOwnHandles() (err error) {
	ownHandles, err = unix.Open("/proc/self/fd", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	return err
}

// reopen opens the file of a handle anew, whatever its name leads to by now.
func reopen(handle, flags int) (int, error) {
	return unix.Openat(ownHandles, strconv.Itoa(handle), flags|unix.O_CLOEXEC, 0)
}

// run calls a function on a thread of its own at this workplace. The thread ends with the function. It has to be in the mount namespace of the
// container: otherwise the kernel would detach a mount of the container when its mount point is replaced or deleted.
func (w workplace) run(work func()) error {
	done := make(chan error)
	go func() {
		// Go ends a thread whose goroutine ends while it is locked to it.
		runtime.LockOSThread()
		err := w.enter()
		if err == nil {
			work()
		}
		done <- err
	}()
	return <-done
}

func (w workplace) enter() error {
	// Only a thread with a root and a current folder of its own may enter.
	if err := unix.Unshare(unix.CLONE_FS); err != nil {
		return fmt.Errorf("unshare: %w", err)
	}
	if err := unix.Setns(int(w.mounts.Fd()), unix.CLONE_NEWNS); err != nil {
		return fmt.Errorf("setns: %w", err)
	}
	return w.user.become()
}
