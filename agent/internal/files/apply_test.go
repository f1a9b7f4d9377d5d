//go:build linux

package files

import (
	"encoding/binary"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// open makes a folder that stands for a container's root.
func openRoot(t *testing.T) (root, string) {
	t.Helper()
	folder := t.TempDir()
	fd, err := unix.Open(folder, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { unix.Close(fd) })
	return root{fd: fd, resolve: follow}, folder
}

func number(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
func text(s string) string   { return number(uint32(len(s))) + s }
func file(path string, mode uint32, pieces ...string) string {
	operation := "F" + text(path) + number(mode)
	for _, piece := range pieces {
		operation += text(piece)
	}
	return operation
}

const end = "\x00\x00\x00\x00"

type failedOperation struct {
	index  uint32
	errno  unix.Errno
	reason string
}

// applied makes the changes and gives those that failed.
func applied(t *testing.T, r root, operations ...string) []failedOperation {
	t.Helper()
	answer, err := apply(r, strings.NewReader(strings.Join(operations, "")))
	if err != nil {
		t.Fatal(err)
	}
	var all []failedOperation
	for len(answer) > 0 {
		length := binary.BigEndian.Uint32(answer[8:])
		all = append(all, failedOperation{
			binary.BigEndian.Uint32(answer), unix.Errno(binary.BigEndian.Uint32(answer[4:])), string(answer[12 : 12+length]),
		})
		answer = answer[12+length:]
	}
	return all
}

func mustApply(t *testing.T, r root, operations ...string) {
	t.Helper()
	if failed := applied(t, r, operations...); len(failed) > 0 {
		t.Fatal(failed)
	}
}

func contentOf(t *testing.T, path ...string) string {
	t.Helper()
	data, err := os.ReadFile(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func namesIn(t *testing.T, path ...string) string {
	t.Helper()
	entries, err := os.ReadDir(filepath.Join(path...))
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, entry := range entries {
		names = append(names, entry.Name())
	}
	return strings.Join(names, " ")
}

func must(t *testing.T, errs ...error) {
	t.Helper()
	for _, err := range errs {
		if err != nil {
			t.Fatal(err)
		}
	}
}

func TestAFileOfSeveralPiecesInAFolderThatIsMade(t *testing.T) {
	r, folder := openRoot(t)
	mustApply(t, r, file("/a/b/c", 0o755, "one ", strings.Repeat("x", 100_000), " two")+end)
	if got := contentOf(t, folder, "a/b/c"); got != "one "+strings.Repeat("x", 100_000)+" two" {
		t.Errorf("%d bytes", len(got))
	}
	if got := namesIn(t, folder, "a/b"); got != "c" {
		t.Errorf("the folder has %s", got)
	}
	for path, want := range map[string]os.FileMode{"a/b/c": 0o755, "a": 0o755} {
		info, err := os.Stat(filepath.Join(folder, path))
		must(t, err)
		if info.Mode().Perm() != want {
			t.Errorf("%s has mode %o", path, info.Mode().Perm())
		}
	}
}

func TestModeOfAnExistingFileStays(t *testing.T) {
	for _, c := range []struct{ old, wanted, mode uint32 }{
		{0o640, 0o644, 0o640},
		{0o640, 0o755, 0o750},
		{0o755, 0o644, 0o644},
		{0o4755, 0o600, 0o644},
		{0o600, 0o700, 0o700},
		{0o644, 0o755, 0o755},
	} {
		if got := keptMode(c.old, c.wanted); got != c.mode {
			t.Errorf("%o with %o becomes %o, not %o", c.old, c.wanted, got, c.mode)
		}
	}
}

func TestLinksDoNotLeadOut(t *testing.T) {
	outside := t.TempDir()
	r, folder := openRoot(t)
	must(t,
		os.WriteFile(filepath.Join(outside, "kept"), nil, 0o600),
		os.Mkdir(filepath.Join(folder, "etc"), 0o755),
		os.Symlink("/etc", filepath.Join(folder, "absolute")),
		os.Symlink("../../../../../etc", filepath.Join(folder, "up")),
		os.Symlink(outside, filepath.Join(folder, "host")),
		os.Symlink("/proc/self/root", filepath.Join(folder, "magic")),
	)
	mustApply(t, r, file("/absolute/a", 0o644)+end, file("/up/b", 0o644)+end, file("/../../c", 0o644)+end)
	if got := namesIn(t, folder, "etc"); got != "a b" {
		t.Errorf("etc has %s", got)
	}
	contentOf(t, folder, "c")
	failed := applied(t, r, file("/host/d", 0o644)+end, file("/magic/e", 0o644)+end, "D"+text("/host/kept"), "D"+text("/magic/f"))
	if len(failed) != 2 || failed[0].index != 0 || failed[1].index != 1 {
		t.Errorf("failed: %v", failed)
	}
	if got := namesIn(t, outside); got != "kept" {
		t.Errorf("outside has %s", got)
	}
}

func TestALinkTakesThePlaceOfAFile(t *testing.T) {
	r, folder := openRoot(t)
	mustApply(t, r, file("/l", 0o644)+end, "L"+text("/l")+text("../target"))
	if got, err := os.Readlink(filepath.Join(folder, "l")); err != nil || got != "../target" {
		t.Errorf("got %q, %v", got, err)
	}
	// A file that takes the place of a link leaves what the link leads to.
	must(t, os.Symlink("l", filepath.Join(folder, "m")))
	mustApply(t, r, file("/m", 0o644, "new")+end)
	if got := contentOf(t, folder, "m"); got != "new" {
		t.Errorf("got %q", got)
	}
}

func TestDeletions(t *testing.T) {
	r, folder := openRoot(t)
	must(t, os.MkdirAll(filepath.Join(folder, "d/full"), 0o755), os.Mkdir(filepath.Join(folder, "d/empty"), 0o755))
	mustApply(t, r,
		file("/d/full/f", 0o644)+end, file("/g", 0o644)+end,
		"D"+text("/g"), "D"+text("/d/empty"), "D"+text("/d/full"), "D"+text("/never"), "D"+text("/d/full/f/below"), "D"+text("/no/such"))
	if got := namesIn(t, folder) + "," + namesIn(t, folder, "d") + "," + namesIn(t, folder, "d/full"); got != "d,full,f" {
		t.Errorf("left: %s", got)
	}
}

func TestAFileTakesThePlaceOfAnEmptyFolder(t *testing.T) {
	r, folder := openRoot(t)
	must(t, os.MkdirAll(filepath.Join(folder, "full/in"), 0o755), os.Mkdir(filepath.Join(folder, "empty"), 0o755))
	failed := applied(t, r, file("/empty", 0o644, "x")+end, file("/full", 0o644, "x")+end)
	if len(failed) != 1 || failed[0].index != 1 || contentOf(t, folder, "empty") != "x" {
		t.Errorf("failed: %v", failed)
	}
	if got := namesIn(t, folder); got != "empty full" {
		t.Errorf("left: %s", got)
	}
}

func TestWhatFailsIsNamedAndTheRestIsDone(t *testing.T) {
	r, folder := openRoot(t)
	must(t, os.WriteFile(filepath.Join(folder, "f"), nil, 0o644), os.Symlink("nowhere", filepath.Join(folder, "dangling")))
	got := applied(t, r,
		file("/f/below", 0o644, "content that is to be passed over")+end, file("relative", 0o644, "x")+end, file("/a/..", 0o644)+end,
		file("/dangling/x", 0o644, "x")+end, file("/last", 0o644, "x")+end)
	want := []failedOperation{
		{0, unix.ENOTDIR, "/f is not a folder"},
		{1, unix.EINVAL, "not a path of a file"},
		{2, unix.EINVAL, "not a path of a file"},
		{3, unix.EEXIST, "creating /dangling: file exists"},
	}
	if len(got) != len(want) {
		t.Fatal(got)
	}
	for i := range want {
		if got[i] != want[i] {
			t.Errorf("got %v, want %v", got[i], want[i])
		}
	}
	if contentOf(t, folder, "last") != "x" {
		t.Error("the last file is missing")
	}
}

func TestASpoiledFileLeavesWhatWasThere(t *testing.T) {
	r, folder := openRoot(t)
	must(t, os.WriteFile(filepath.Join(folder, "f"), []byte("before"), 0o644))
	got := applied(t, r, file("/f", 0o644, "half")+number(spoiled), file("/g", 0o644, "whole")+end)
	if len(got) != 1 || got[0] != (failedOperation{0, unix.EAGAIN, "it changed while it was read"}) {
		t.Errorf("failed: %v", got)
	}
	if contentOf(t, folder, "f") != "before" || contentOf(t, folder, "g") != "whole" || namesIn(t, folder) != "f g" {
		t.Errorf("left: %s", namesIn(t, folder))
	}
}

func TestABatchThatBreaksOffLeavesNothing(t *testing.T) {
	whole := file("/f", 0o644, "content") + end + "L" + text("/l") + text("to")
	for cut := 1; cut < len(whole); cut++ {
		r, folder := openRoot(t)
		_, err := apply(r, strings.NewReader(whole[:cut]))
		atEnd := cut == len(file("/f", 0o644, "content")+end)
		if (err == nil) != atEnd {
			t.Errorf("cut at %d: %v", cut, err)
		}
		if names := namesIn(t, folder); names != "" && names != "f" {
			t.Errorf("cut at %d: left %s", cut, names)
		}
	}
}
