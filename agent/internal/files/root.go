//go:build linux

package files

import (
	"strings"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/mux"
)

// root is a folder that no path can leave: absolute links and `..` are resolved as if it were /.
type root struct {
	fd int
	// resolve says how openat2 resolves paths.
	resolve uint64
	// image is nil if the user of the container does all changes. owner is set where the owner of a folder does one.
	image *imageRoot
	owner *identity
}

// follow resolves paths within the root, and refuses the links in /proc that lead to files of other processes.
const follow = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_MAGICLINKS

// open opens a folder for use with the …at system calls. The kernel returns EAGAIN if a concurrent rename disturbs the lookup.
func (r root) open(path string) (folder, error) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_DIRECTORY | unix.O_CLOEXEC, Resolve: r.resolve}
	for tries := 0; ; tries++ {
		fd, err := unix.Openat2(r.fd, path, &how)
		if err == nil {
			return folder{fd}, nil
		}
		if err != unix.EINTR && (err != unix.EAGAIN || tries == 100) {
			return folder{-1}, err
		}
	}
}

// openOrMake opens a folder and creates the missing parts of its path. They belong to the owner of the folder above.
func (r root) openOrMake(path string) (folder, error) {
	if f, err := r.open(path); err != unix.ENOENT && err != unix.ENOTDIR {
		return f, failed("", err)
	}
	at, err := r.open("/")
	if err != nil {
		return at, failed("", err)
	}
	walked := ""
	for _, name := range strings.FieldsFunc(path, func(c rune) bool { return c == '/' }) {
		walked += "/" + name
		next, err := r.open(walked)
		if err == unix.ENOENT {
			next, err = r.make(at, walked, name)
		} else if err == unix.ENOTDIR {
			err = &mux.Failure{Errno: unix.ENOTDIR, Reason: walked + " is not a folder"}
		}
		at.close()
		if err != nil {
			return folder{-1}, failed("", err)
		}
		at = next
	}
	return at, nil
}

func (r root) make(above folder, path, name string) (folder, error) {
	what := "creating " + path
	owner, err := above.stat()
	if err != nil {
		return folder{-1}, failed(what, err)
	}
	if err := unix.Mkdirat(above.fd, name, 0o755); err != nil {
		return folder{-1}, failed(what, err)
	}
	fd, err := unix.Openat(above.fd, name, unix.O_PATH|unix.O_DIRECTORY|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return folder{-1}, failed(what, err)
	}
	if r.owner == nil {
		// Some file systems have no owners, and few users may give a folder away.
		_ = unix.Fchownat(fd, "", int(owner.Uid), int(owner.Gid), unix.AT_EMPTY_PATH)
	}
	return folder{fd}, nil
}

// folder is an open folder. Its methods take single names, not paths, and do not follow links.
type folder struct{ fd int }

func (f folder) close() { _ = unix.Close(f.fd) }

func (f folder) stat() (unix.Stat_t, error) {
	var stat unix.Stat_t
	err := unix.Fstat(f.fd, &stat)
	return stat, err
}

func (f folder) lstat(name string) (unix.Stat_t, error) {
	var stat unix.Stat_t
	err := unix.Fstatat(f.fd, name, &stat, unix.AT_SYMLINK_NOFOLLOW)
	return stat, err
}
