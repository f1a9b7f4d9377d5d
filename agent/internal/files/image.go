//go:build linux

package files

import (
	"errors"
	"path"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/mux"
)

// inImage resolves paths that no container has led elsewhere: without any link, and without any volume or other mount.
const inImage = unix.RESOLVE_IN_ROOT | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_XDEV

// imageRoot is set in the root of a container that is the root of its image. user is the identity of the container.
type imageRoot struct{ user identity }

// asOwner does a step of a change. An image often has files that belong to root, and a user that may not write them. A sync replaces them
// all the same, as a new image would: if the user of the container may not do the step, the agent does it as the owner of the folder. It
// does so only in the file system of the image, which ends with the container, and only on a path that no link leads elsewhere.
func (r root) asOwner(target string, step func(r root) error) error {
	err := step(r)
	if r.image == nil || errnoOf(err) != unix.EACCES {
		return err
	}
	searcher.mustBecome()
	defer r.image.user.mustBecome()
	own := root{fd: r.fd, resolve: inImage, image: r.image}
	owner, found := own.ownerOf(path.Dir(target))
	if !found {
		return err
	}
	owner.mustBecome()
	own.owner = &owner
	again := step(own)
	if errno := errnoOf(again); errno == unix.ELOOP || errno == unix.EXDEV {
		return err
	}
	return again
}

// as does a later step of a change that asOwner has begun.
func (r root) as(step func() error) error {
	if r.owner != nil {
		r.owner.mustBecome()
		defer r.image.user.mustBecome()
	}
	return step()
}

// ownerOf returns the owner of a folder, or of the deepest part of its path that exists.
func (r root) ownerOf(folder string) (owner identity, found bool) {
	for ; ; folder = path.Dir(folder) {
		f, err := r.open(folder)
		if err == unix.ENOENT && folder != "/" {
			continue
		}
		if err != nil {
			return owner, false
		}
		stat, err := f.stat()
		f.close()
		// CAP_CHOWN keeps the owner of a file that is replaced.
		return identity{uid: int(stat.Uid), gid: int(stat.Gid), caps: 1 << unix.CAP_CHOWN}, err == nil
	}
}

// errnoOf returns the errno of an error that failed has converted.
func errnoOf(err error) unix.Errno {
	var known *mux.Failure
	if errors.As(err, &known) {
		return known.Errno
	}
	return 0
}
