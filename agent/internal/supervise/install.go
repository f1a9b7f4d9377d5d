//go:build linux

package supervise

import (
	"io"
	"os"
	"path/filepath"
)

// Install copies this program into each of the folders, for a container that runs as any user.
func Install(folders []string) error {
	for _, folder := range folders {
		if err := os.MkdirAll(folder, 0o777); err != nil {
			return err
		}
		// The umask does not count here: the container makes its socket in this folder.
		if err := os.Chmod(folder, 0o777); err != nil {
			return err
		}
		if err := copySelf(filepath.Join(folder, "agent")); err != nil {
			return err
		}
	}
	return nil
}

func copySelf(to string) error {
	from, err := os.Open("/proc/self/exe")
	if err != nil {
		return err
	}
	defer from.Close()
	// The file may run already, when the init container runs again: a new file takes its place.
	fresh, err := os.CreateTemp(filepath.Dir(to), ".new-")
	if err != nil {
		return err
	}
	defer os.Remove(fresh.Name())
	if _, err := io.Copy(fresh, from); err != nil {
		return err
	}
	if err := fresh.Chmod(0o755); err != nil {
		return err
	}
	if err := fresh.Close(); err != nil {
		return err
	}
	return os.Rename(fresh.Name(), to)
}
