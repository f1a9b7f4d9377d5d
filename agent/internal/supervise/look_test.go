//go:build linux

package supervise

import (
	"os"
	"path/filepath"
	"runtime"
	"testing"
)

func TestLookNamesTheArchitectureAndThePathsThatExist(t *testing.T) {
	folder := t.TempDir()
	there, dangling := filepath.Join(folder, "there"), filepath.Join(folder, "dangling")
	if err := os.WriteFile(there, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Symlink("nowhere", dangling); err != nil {
		t.Fatal(err)
	}
	if got, want := Look([]string{filepath.Join(folder, "no"), there, dangling}), runtime.GOARCH+"\n"+there+"\n"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
}
