//go:build linux

package files

import (
	"io"
	"os"
	"os/signal"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

// A file that is deleted takes its room until its last handle is closed: one that was not closed after a failed write kept a volume
// full until devk ended.
func TestAWriteThatFailsLeavesNoFileAndNoHandle(t *testing.T) {
	r, folder := openRoot(t)
	limitFileSize(t, 1000)
	before := handles(t)
	for range 3 {
		failed := applied(t, r, file("/big", 0o644, strings.Repeat("x", 600), strings.Repeat("x", 600), "rest")+end)
		if len(failed) != 1 || failed[0].errno != unix.EFBIG {
			t.Fatalf("failed: %v", failed)
		}
	}
	if after := handles(t); after != before {
		t.Errorf("%d handles are open, %d before", after, before)
	}
	if names := namesIn(t, folder); names != "" {
		t.Errorf("left: %s", names)
	}
	mustApply(t, r, file("/small", 0o644, "x")+end)
}

// The room of a file that does not fit is free before the rest of it has come.
func TestAWriteThatFailsFreesItsRoomAtOnce(t *testing.T) {
	r, folder := openRoot(t)
	limitFileSize(t, 1000)
	before := handles(t)
	rest := false
	content := contentFunc(func(to io.Writer) (int64, error) {
		if to == io.Discard {
			rest = true
			if after := handles(t); after != before || namesIn(t, folder) != "" {
				t.Errorf("%d handles are open, %d before; left: %s", after, before, namesIn(t, folder))
			}
			return 0, nil
		}
		n, err := io.WriteString(to, strings.Repeat("x", 2000))
		return int64(n), err
	})
	failure, broken := r.write("/big", 0o644, content)
	if failure == nil || broken != nil || !rest {
		t.Errorf("got %v, %v", failure, broken)
	}
}

type contentFunc func(to io.Writer) (int64, error)

func (c contentFunc) WriteTo(to io.Writer) (int64, error) { return c(to) }

// limitFileSize makes writes fail as on a full disk, for the time of the test.
func limitFileSize(t *testing.T, bytes uint64) {
	t.Helper()
	signal.Ignore(unix.SIGXFSZ)
	var before unix.Rlimit
	must(t, unix.Getrlimit(unix.RLIMIT_FSIZE, &before))
	must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &unix.Rlimit{Cur: bytes, Max: before.Max}))
	t.Cleanup(func() { must(t, unix.Setrlimit(unix.RLIMIT_FSIZE, &before)) })
}

func handles(t *testing.T) int {
	t.Helper()
	entries, err := os.ReadDir("/proc/self/fd")
	must(t, err)
	return len(entries)
}
