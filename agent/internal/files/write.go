//go:build linux

package files

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// newFile is a file under a temporary name, which takes its place when it is whole.
type newFile struct {
	folder folder
	name   string
	// temp is empty once the file has its name.
	temp string
	file *os.File
}

// write puts a file in its place by one rename, so that nobody sees a part of it. The content is always read to its end, whatever
// fails; an error of reading it is given back as second result, and the file is as before.
func (r root) write(target string, mode uint32, content io.WriterTo) (failure, broken error) {
	f, failure := r.create(target)
	if failure == nil {
		_, err := content.WriteTo(writerOf{f})
		if failure, broken = split(err); err == nil {
			failure = f.place(mode)
		}
		// Before the rest is read: until it is closed, what was written takes room.
		f.discard()
	}
	if failure != nil && broken == nil {
		_, broken = content.WriteTo(io.Discard)
	}
	return failure, broken
}

func (r root) create(target string) (*newFile, error) {
	folder, name, err := r.place(target)
	if err != nil {
		return nil, err
	}
	temp := temporary()
	const flags = unix.O_RDWR | unix.O_CREAT | unix.O_EXCL | unix.O_NOFOLLOW | unix.O_CLOEXEC
	fd, err := unix.Openat(folder.fd, temp, flags, 0o600)
	if err != nil {
		folder.close()
		return nil, failed("", err)
	}
	return &newFile{folder, name, temp, os.NewFile(uintptr(fd), temp)}, nil
}

// writerOf marks the errors of writing, so that they can be told from those of reading.
type writerOf struct{ *newFile }

type writeError struct{ error }

func (w writerOf) Write(data []byte) (int, error) {
	n, err := w.file.Write(data)
	if err != nil {
		err = writeError{err}
	}
	return n, err
}

func split(err error) (failure, broken error) {
	var mine writeError
	if errors.As(err, &mine) {
		return failed("", mine.error), nil
	}
	return nil, err
}

// place gives the file owner and mode and the name that it is for. An existing file's owner and mode stay, but that the file can be
// executed when the new one can.
func (n *newFile) place(mode uint32) error {
	old, err := n.folder.lstat(n.name)
	exists := err == nil
	keeps := exists && old.Mode&unix.S_IFMT == unix.S_IFREG
	owner := old
	if keeps {
		mode = keptMode(old.Mode, mode)
	} else if owner, err = n.folder.stat(); err != nil {
		return failed("", err)
	}
	fd := int(n.file.Fd())
	if err := unix.Fchown(fd, int(owner.Uid), int(owner.Gid)); err != nil {
		return failed("", err)
	}
	if err := unix.Fchmod(fd, mode&0o777); err != nil {
		return failed("", err)
	}
	if err := n.flush(); err != nil {
		return failed("", err)
	}
	if exists && old.Mode&unix.S_IFMT == unix.S_IFDIR {
		// A folder that was replaced by a file is empty by now.
		_ = unix.Unlinkat(n.folder.fd, n.name, unix.AT_REMOVEDIR)
	}
	return n.rename()
}

// flush makes the errors known that network file systems keep until a file is closed.
func (n *newFile) flush() error {
	same, err := unix.Dup(int(n.file.Fd()))
	if err != nil {
		return err
	}
	return unix.Close(same)
}

func keptMode(old, wanted uint32) uint32 {
	mode := old & 0o666
	if wanted&0o100 != 0 {
		mode |= old & 0o444 >> 2
	}
	return mode
}

func (n *newFile) rename() error {
	err := unix.Renameat(n.folder.fd, n.temp, n.folder.fd, n.name)
	if err == unix.EBUSY {
		return n.overwrite()
	}
	if err != nil {
		return failed("", err)
	}
	n.temp = ""
	return nil
}

// overwrite fills a file that is itself a mount point: it cannot be replaced.
func (n *newFile) overwrite() error {
	const flags = unix.O_WRONLY | unix.O_TRUNC | unix.O_NOFOLLOW | unix.O_NONBLOCK | unix.O_CLOEXEC
	fd, err := unix.Openat(n.folder.fd, n.name, flags, 0)
	if err != nil {
		return failed("", err)
	}
	mounted := os.NewFile(uintptr(fd), n.name)
	if _, err = n.file.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(mounted, n.file)
	}
	return failed("", errors.Join(err, mounted.Close()))
}

// discard closes the file, and deletes it when it has not taken its place.
func (n *newFile) discard() {
	_ = n.file.Close()
	if n.temp != "" {
		_ = unix.Unlinkat(n.folder.fd, n.temp, 0)
	}
	n.folder.close()
}
