//go:build linux

package files

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"golang.org/x/sys/unix"
)

func TestTheIdentityOfAProcessIsWhatCountsForFiles(t *testing.T) {
	status := "Name:\tUid:\\n0\nUid:\t1\t2\t3\t1000\nGid:\t4\t5\t6\t2000\nGroups:\t7 4294967294 \nCapEff:\t00000000a80425fb\n"
	got, err := parseStatus([]byte(status))
	must(t, err)
	// CHOWN, DAC_OVERRIDE and FOWNER: Docker gives a container no DAC_READ_SEARCH, and FSETID is not taken over.
	want := identity{uid: 1000, gid: 2000, groups: []uint32{7, 4294967294}, caps: 0b1011}
	if got.uid != want.uid || got.gid != want.gid || !slices.Equal(got.groups, want.groups) || got.caps != want.caps {
		t.Errorf("got %+v", got)
	}
	for _, broken := range []string{"", "Uid:\t0\nGid:\t0\nCapEff:\t0\n", "Uid:\t1\t2\t3\tx\nGid:\t4\t5\t6\t7\nCapEff:\t0\n"} {
		if id, err := parseStatus([]byte(broken)); err == nil {
			t.Errorf("%q gives %+v", broken, id)
		}
	}
}

func TestTheIdentityOfThisProcess(t *testing.T) {
	id, err := identityOf(os.Getpid())
	must(t, err)
	if id.uid != os.Getuid() || id.gid != os.Getgid() {
		t.Errorf("got %+v", id)
	}
}

func TestAPipeIsNoFolderAndIsReplaced(t *testing.T) {
	r, folder := openRoot(t)
	must(t, unix.Mkfifo(filepath.Join(folder, "pipe"), 0o666), unix.Mkfifo(filepath.Join(folder, "parent"), 0o666))
	failed := applied(t, r, file("/pipe", 0o644, "x")+end, file("/parent/f", 0o644, "x")+end, "D"+text("/parent/f"), "D"+text("/parent"))
	if len(failed) != 1 || failed[0] != (failedOperation{1, unix.ENOTDIR, "/parent is not a folder"}) {
		t.Errorf("failed: %v", failed)
	}
	if got := namesIn(t, folder) + contentOf(t, folder, "pipe"); got != "pipex" {
		t.Errorf("left: %s", got)
	}
}

func TestBitsForOtherRightsAreNotSynced(t *testing.T) {
	r, folder := openRoot(t)
	must(t, os.WriteFile(filepath.Join(folder, "old"), nil, 0o644), os.Chmod(filepath.Join(folder, "old"), 0o755|os.ModeSetuid|os.ModeSetgid))
	mustApply(t, r, file("/new", 0o7755, "x")+end, file("/old", 0o7755, "x")+end)
	for _, name := range []string{"new", "old"} {
		info, err := os.Stat(filepath.Join(folder, name))
		must(t, err)
		if info.Mode() != 0o755 {
			t.Errorf("%s has mode %v", name, info.Mode())
		}
	}
}

func TestAFolderOfTheImageIsReachedByNoLinkAndNoMount(t *testing.T) {
	r, folder := openRoot(t)
	must(t, os.MkdirAll(filepath.Join(folder, "code/src"), 0o755), os.Symlink("/code", filepath.Join(folder, "link")))
	image := root{fd: r.fd, resolve: inImage}
	for path, want := range map[string]bool{"/code/src": true, "/code/src/new/folder": true, "/link": false, "/link/src": false, "/": true} {
		if owner, found := image.ownerOf(path); found != want || (found && owner.uid != os.Getuid()) {
			t.Errorf("%s: %v, %+v", path, found, owner)
		}
	}
	host, err := unix.Open("/", unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	must(t, err)
	defer unix.Close(host)
	if owner, found := (root{fd: host, resolve: inImage}).ownerOf("/proc/sys"); found {
		t.Errorf("/proc is a mount: %+v", owner)
	}
}
