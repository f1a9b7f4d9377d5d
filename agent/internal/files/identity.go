//go:build linux

package files

import (
	"bufio"
	"bytes"
	"fmt"
	"os"
	"strconv"
	"strings"
	"unsafe"

	"golang.org/x/sys/unix"
)

// identity is what the kernel checks when a thread uses a file.
type identity struct {
	uid, gid int
	groups   []uint32
	// caps has one bit for each effective capability.
	caps uint64
}

// fileCaps are the capabilities that a sync may use, if the container has them. CAP_FSETID is not one: without it, the kernel removes
// the bits setuid and setgid of a file that is written.
const fileCaps = 1<<unix.CAP_CHOWN | 1<<unix.CAP_DAC_OVERRIDE | 1<<unix.CAP_DAC_READ_SEARCH | 1<<unix.CAP_FOWNER

// searcher can open each folder, and can write to none but those of root.
var searcher = identity{caps: 1 << unix.CAP_DAC_READ_SEARCH}

// identityOf returns the identity of a process. Capabilities in a user namespace of its own are worth nothing outside of it, so they are
// left out.
func identityOf(pid int) (identity, error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return identity{}, err
	}
	id, err := parseStatus(status)
	if err != nil {
		return id, err
	}
	var its, ours unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/ns/user", pid), &its); err != nil {
		return id, err
	}
	if err := unix.Stat("/proc/self/ns/user", &ours); err != nil {
		return id, err
	}
	if !sameFile(its, ours) {
		id.caps = 0
	}
	return id, nil
}

func sameFile(a, b unix.Stat_t) bool { return a.Dev == b.Dev && a.Ino == b.Ino }

// parseStatus reads /proc/PID/status. Its IDs are the real, the effective, the saved and the file system one, which is the one that counts.
func parseStatus(status []byte) (id identity, err error) {
	fields := map[string][]string{}
	for lines := bufio.NewScanner(bytes.NewReader(status)); lines.Scan(); {
		key, values, _ := strings.Cut(lines.Text(), ":")
		fields[key] = strings.Fields(values)
	}
	if len(fields["Uid"]) != 4 || len(fields["Gid"]) != 4 || len(fields["CapEff"]) != 1 {
		return id, fmt.Errorf("the status of a process has no user")
	}
	if id.uid, err = strconv.Atoi(fields["Uid"][3]); err != nil {
		return id, err
	}
	if id.gid, err = strconv.Atoi(fields["Gid"][3]); err != nil {
		return id, err
	}
	for _, text := range fields["Groups"] {
		group, err := strconv.ParseUint(text, 10, 32)
		if err != nil {
			return id, err
		}
		id.groups = append(id.groups, uint32(group))
	}
	id.caps, err = strconv.ParseUint(fields["CapEff"][0], 16, 64)
	id.caps &= fileCaps
	return id, err
}

// become gives the identity to this thread, whose goroutine must be locked to it. Only what counts for files changes. The other IDs and
// the permitted capabilities stay those of root: a container that sees the processes of the node can neither signal nor trace the agent.
func (i identity) become() error {
	if err := setEffective(^uint64(0)); err != nil {
		return err
	}
	// The function of this name in package syscall changes all threads.
	first := uintptr(unsafe.Pointer(unsafe.SliceData(i.groups)))
	if _, _, errno := unix.RawSyscall(unix.SYS_SETGROUPS, uintptr(len(i.groups)), first, 0); errno != 0 {
		return fmt.Errorf("setgroups: %w", errno)
	}
	// These two calls report no errors. With an ID that does not exist, they return the current one.
	_, _ = unix.SetfsgidRetGid(i.gid)
	_, _ = unix.SetfsuidRetUid(i.uid)
	gid, _ := unix.SetfsgidRetGid(-1)
	uid, _ := unix.SetfsuidRetUid(-1)
	if uid != i.uid || gid != i.gid {
		return fmt.Errorf("setfsuid: %w", unix.EPERM)
	}
	return setEffective(i.caps)
}

// mustBecome ends the agent if the thread cannot change its identity: nothing may be done with the wrong one. The client starts the agent
// again.
func (i identity) mustBecome() {
	if err := i.become(); err != nil {
		panic(err)
	}
}

func setEffective(caps uint64) error {
	header := unix.CapUserHeader{Version: unix.LINUX_CAPABILITY_VERSION_3}
	var sets [2]unix.CapUserData
	if err := unix.Capget(&header, &sets[0]); err != nil {
		return fmt.Errorf("capget: %w", err)
	}
	sets[0].Effective = sets[0].Permitted & uint32(caps)
	sets[1].Effective = sets[1].Permitted & uint32(caps>>32)
	if err := unix.Capset(&header, &sets[0]); err != nil {
		return fmt.Errorf("capset: %w", err)
	}
	return nil
}
