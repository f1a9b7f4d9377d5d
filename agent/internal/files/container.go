//go:build linux

package files

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/mux"
)

// errGone means that the container does not run.
var errGone = &mux.Failure{Errno: unix.ESRCH, Reason: "the container does not run"}

// container is a running container. Its handles keep its mounts busy, so it is open only during one batch.
type container struct {
	// process becomes readable when the first process of the container has ended. pidfd is its file descriptor.
	process   *os.File
	pidfd     int
	root      root
	workplace workplace
}

// openContainer finds a container by its ID among the tasks of containerd. Each task is a folder that contains the process ID of the
// container's first process. The error is errGone if the container does not run.
func openContainer(tasks, id string) (*container, error) {
	if id == "" || strings.Trim(id, "0123456789abcdef") != "" {
		return nil, errGone
	}
	pid, err := firstProcess(filepath.Join(tasks, id, "init.pid"))
	if err != nil {
		return nil, err
	}
	handle, err := unix.PidfdOpen(pid, unix.PIDFD_NONBLOCK)
	if err != nil {
		return nil, failedUnlessGone(err)
	}
	c := &container{process: os.NewFile(uintptr(handle), "pidfd"), pidfd: handle, root: root{fd: -1}}
	if err := c.enter(pid, filepath.Join(tasks, id)); err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

// Supported returns an error if this kernel lacks a system call, pidfd_open of Linux 5.3 or openat2 of 5.6, or if the agent may not work in
// the mounts of a container as its user.
func Supported() error {
	here, err := root{fd: unix.AT_FDCWD, resolve: follow}.open("/")
	if err != nil {
		return fmt.Errorf("openat2: %w (it needs Linux 5.6)", err)
	}
	here.close()
	mounts, err := os.Open("/proc/self/ns/mnt")
	if err != nil {
		return err
	}
	defer mounts.Close()
	if err := (workplace{mounts, identity{uid: 1, gid: 1, groups: []uint32{1}}}).run(func() {}); err != nil {
		return err
	}
	return keepOwnHandles()
}

func firstProcess(file string) (int, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return 0, failedUnlessGone(err)
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil {
		return 0, errGone
	}
	return pid, nil
}

// enter opens the root and reads the identity. The kernel reuses the IDs of processes that have ended. The process is the right one if its
// control group names the container, and if it still runs after that.
func (c *container) enter(pid int, task string) error {
	groups, err := os.ReadFile(fmt.Sprintf("/proc/%d/cgroup", pid))
	if err != nil {
		return failedUnlessGone(err)
	}
	if !bytes.Contains(groups, []byte(filepath.Base(task))) {
		return errGone
	}
	fd, err := unix.Open(fmt.Sprintf("/proc/%d/root", pid), unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return failedUnlessGone(err)
	}
	c.root = root{fd: fd, resolve: follow}
	if c.workplace.mounts, err = os.Open(fmt.Sprintf("/proc/%d/ns/mnt", pid)); err != nil {
		return failedUnlessGone(err)
	}
	if c.workplace.user, err = identityOf(pid); err != nil {
		return failedUnlessGone(err)
	}
	if c.hasRoot(filepath.Join(task, "rootfs")) {
		c.root.image = &imageRoot{c.workplace.user}
	}
	if c.ended() {
		return errGone
	}
	return nil
}

// hasRoot says whether the root of the process is this folder, where containerd mounts the file system of the image. A process can change
// its root to a folder of a volume.
func (c *container) hasRoot(rootfs string) bool {
	var its, images unix.Stat_t
	return unix.Fstat(c.root.fd, &its) == nil && unix.Stat(rootfs, &images) == nil && sameFile(its, images)
}

func (c *container) ended() bool {
	fds := []unix.PollFd{{Fd: int32(c.pidfd), Events: unix.POLLIN}}
	n, err := unix.Poll(fds, 0)
	return err == nil && n > 0
}

// onEnd calls back when the container has ended, unless it is closed before.
func (c *container) onEnd(call func()) error {
	raw, err := c.process.SyscallConn()
	if err != nil {
		return err
	}
	go func() {
		// The Go runtime calls the function, waits until the handle is readable, and calls it again. Closing the handle ends this.
		if raw.Read(func(uintptr) bool { return c.ended() }) == nil {
			call()
		}
	}()
	return nil
}

func (c *container) close() {
	_ = c.process.Close()
	_ = c.workplace.mounts.Close()
	if c.root.fd >= 0 {
		_ = unix.Close(c.root.fd)
	}
}

// failedUnlessGone converts errors of files and processes that do not exist to errGone.
func failedUnlessGone(err error) error {
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.ESRCH) {
		return errGone
	}
	return failed("", err)
}
