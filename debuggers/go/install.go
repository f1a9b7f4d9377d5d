//go:build linux

package main

import (
	"io"
	"os"
	"path/filepath"
)

// copySelf copies this program, for a container that runs as any user.
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
