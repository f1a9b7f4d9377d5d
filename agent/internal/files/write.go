//go:build linux

package files

import (
	"errors"
	"io"
	"os"

	"golang.org/x/sys/unix"
)

// newFile is a file with a temporary name. It is renamed when it is complete.
type newFile struct {
	root   root
	folder folder
	name   string
	// temp is empty after the rename.
	temp string
	file *os.File
}

// write replaces a file by one rename, so that no reader sees an incomplete file. It always reads the content to its end, also after a
// failure. If reading fails, it returns that error as second result, and the old file stays as it is.
func (r root) write(target string, mode uint32, content io.WriterTo) (failure, broken error) {
	var f *newFile
	failure = r.asOwner(target, func(r root) (err error) {
		f, err = r.create(target)
		return err
	})
	if failure == nil {
		_, err := content.WriteTo(writerOf{f})
		if failure, broken = split(err); err == nil {
			failure = f.root.as(func() error { return f.place(mode) })
		}
		// Discard before reading the rest: the file uses space on the volume until it is closed.
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
	return &newFile{r, folder, name, temp, os.NewFile(uintptr(fd), temp)}, nil
}

// writerOf marks errors of writing, to distinguish them from errors of reading.
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

// place sets owner and mode of the file and renames it. It keeps the owner and the mode of an existing file, except that a file becomes
// executable if the new one is.
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
	// The mode comes first: only the owner may change it.
	if err := unix.Fchmod(fd, mode&0o777); err != nil {
		return failed("", err)
	}
	if err := give(fd, owner); err != nil {
		return failed("", err)
	}
	if err := n.flush(); err != nil {
		return failed("", err)
	}
	if exists && old.Mode&unix.S_IFMT == unix.S_IFDIR {
		// Earlier operations of the batch have deleted the content of a folder that a file replaces.
		_ = unix.Unlinkat(n.folder.fd, n.name, unix.AT_REMOVEDIR)
	}
	return n.rename()
}

// give sets the owner and the group of a file, or only the group if the user may not give files away, or neither.
func give(fd int, to unix.Stat_t) error {
	err := unix.Fchown(fd, int(to.Uid), int(to.Gid))
	if err == unix.EPERM {
		err = unix.Fchown(fd, -1, int(to.Gid))
	}
	if err == unix.EPERM {
		return nil
	}
	return err
}

// flush returns the errors that network file systems report only when a file is closed.
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

// overwrite writes to a file that is a mount point, because it cannot be replaced. It never opens a pipe or a device: that alone can have
// an effect, or wait for ever.
func (n *newFile) overwrite() error {
	handle, err := unix.Openat(n.folder.fd, n.name, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return failed("", err)
	}
	defer unix.Close(handle)
	var stat unix.Stat_t
	if err := unix.Fstat(handle, &stat); err != nil {
		return failed("", err)
	}
	if n.root.owner != nil || stat.Mode&unix.S_IFMT != unix.S_IFREG {
		return failed("", unix.EBUSY)
	}
	fd, err := reopen(handle, unix.O_WRONLY|unix.O_TRUNC)
	if err != nil {
		return failed("", err)
	}
	mounted := os.NewFile(uintptr(fd), n.name)
	if _, err = n.file.Seek(0, io.SeekStart); err == nil {
		_, err = io.Copy(mounted, n.file)
	}
	return failed("", errors.Join(err, mounted.Close()))
}

// discard closes the file, and deletes it if it has not been renamed.
func (n *newFile) discard() {
	_ = n.file.Close()
	if n.temp != "" {
		_ = n.root.as(func() error { return unix.Unlinkat(n.folder.fd, n.temp, 0) })
	}
	n.folder.close()
}
