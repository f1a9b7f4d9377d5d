//go:build linux

package files

import (
	"crypto/rand"
	"errors"
	"path"
	"strings"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/mux"
)

// failed converts an error to the form that is sent to the client. nil stays nil. Of nested errors, the innermost one says what failed.
func failed(what string, err error) error {
	if err == nil || errors.As(err, new(*mux.Failure)) {
		return err
	}
	errno := unix.EIO
	errors.As(err, &errno)
	reason := err.Error()
	if errno != unix.EIO {
		reason = errno.Error()
	}
	if what != "" {
		reason = what + ": " + reason
	}
	return &mux.Failure{Errno: errno, Reason: reason}
}

// place opens the folder of a path, creates it if necessary, and returns the name in the folder.
func (r root) place(target string) (folder, string, error) {
	name, err := nameOf(target)
	if err != nil {
		return folder{-1}, "", err
	}
	f, err := r.openOrMake(path.Dir(target))
	return f, name, err
}

func nameOf(target string) (string, error) {
	name := target[strings.LastIndexByte(target, '/')+1:]
	if !strings.HasPrefix(target, "/") || name == "" || name == "." || name == ".." {
		return "", &mux.Failure{Errno: unix.EINVAL, Reason: "not a path of a file"}
	}
	return name, nil
}

// temporary returns an unpredictable file name. It starts with a dot, so that programs that list the folder usually skip it.
func temporary() string { return ".devk-" + rand.Text() }

// link creates a symbolic link. It replaces everything but a folder.
func (r root) link(target, to string) error {
	f, name, err := r.place(target)
	if err != nil {
		return err
	}
	defer f.close()
	temp := temporary()
	if err := unix.Symlinkat(to, f.fd, temp); err != nil {
		return failed("", err)
	}
	f.giveToOwner(temp)
	if err := unix.Renameat(f.fd, temp, f.fd, name); err != nil {
		_ = unix.Unlinkat(f.fd, temp, 0)
		return failed("", err)
	}
	return nil
}

// giveToOwner sets the owner of a link to the owner of the folder, and changes nothing but links. The owner of a link has hardly any
// effect, so errors are ignored.
func (f folder) giveToOwner(name string) {
	fd, err := unix.Openat(f.fd, name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return
	}
	defer unix.Close(fd)
	var stat unix.Stat_t
	owner, err := f.stat()
	if err == nil && unix.Fstat(fd, &stat) == nil && stat.Mode&unix.S_IFMT == unix.S_IFLNK {
		_ = unix.Fchownat(fd, "", int(owner.Uid), int(owner.Gid), unix.AT_EMPTY_PATH)
	}
}

// remove deletes a file or an empty folder. A path that does not exist is not an error, and neither is a folder that is not empty.
func (r root) remove(target string) error {
	name, err := nameOf(target)
	if err != nil {
		return err
	}
	f, err := r.open(path.Dir(target))
	if err == unix.ENOENT || err == unix.ENOTDIR {
		return nil
	}
	if err != nil {
		return failed("", err)
	}
	defer f.close()
	stat, err := f.lstat(name)
	if err == nil && stat.Mode&unix.S_IFMT == unix.S_IFDIR {
		err = unix.Unlinkat(f.fd, name, unix.AT_REMOVEDIR)
		if err == unix.ENOTEMPTY || err == unix.EEXIST || err == unix.EBUSY {
			return nil
		}
	} else if err == nil {
		err = unix.Unlinkat(f.fd, name, 0)
	}
	if err == unix.ENOENT {
		return nil
	}
	return failed("", err)
}
