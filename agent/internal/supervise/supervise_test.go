//go:build linux

package supervise

import (
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The test binary is the supervisor when it is called as one.
func TestMain(m *testing.M) {
	if len(os.Args) > 3 && os.Args[1] == "supervise" {
		code, err := Run(os.Args[2], os.Args[3:])
		if err != nil {
			panic(err)
		}
		os.Exit(code)
	}
	os.Exit(m.Run())
}

type supervised struct {
	t      *testing.T
	folder string
	cmd    *exec.Cmd
	output *strings.Builder
	ended  chan error
}

// supervise runs a script of a shell under a supervisor, in a folder of its own.
func supervise(t *testing.T, script string) *supervised { return superviseOn(t, nil, script) }

func superviseOn(t *testing.T, stdin *os.File, script string) *supervised {
	t.Helper()
	s := &supervised{t: t, folder: t.TempDir(), output: &strings.Builder{}, ended: make(chan error, 1)}
	s.cmd = exec.Command(os.Args[0], "supervise", s.socket(), "sh", "-c", script)
	s.cmd.Dir, s.cmd.Stderr = s.folder, s.output
	if stdin != nil {
		s.cmd.Stdin = stdin
	}
	if err := s.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	go func() { s.ended <- s.cmd.Wait() }()
	t.Cleanup(func() { _ = s.cmd.Process.Kill() })
	return s
}

func (s *supervised) socket() string { return filepath.Join(s.folder, "socket") }

// file waits for a file with content.
func (s *supervised) file(name string) string {
	s.t.Helper()
	for range 200 {
		if data, _ := os.ReadFile(filepath.Join(s.folder, name)); len(data) > 0 {
			return strings.TrimSpace(string(data))
		}
		time.Sleep(20 * time.Millisecond)
	}
	s.t.Fatalf("%s does not come: %s", name, s.output)
	return ""
}

func (s *supervised) write(name, content string) {
	s.t.Helper()
	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(content), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

func (s *supervised) restart() {
	s.t.Helper()
	if err := Restart(s.socket()); err != nil {
		s.t.Fatal(err)
	}
}

func (s *supervised) exitCode() int {
	s.t.Helper()
	select {
	case <-s.ended:
		return s.cmd.ProcessState.ExitCode()
	case <-time.After(10 * time.Second):
		s.t.Fatal("the supervisor does not end")
		return 0
	}
}

func TestExitCodeIsPassedOnBeforeARestart(t *testing.T) {
	if code := supervise(t, "exit 7").exitCode(); code != 7 {
		t.Errorf("exit code %d", code)
	}
	if code := supervise(t, "kill -9 $$").exitCode(); code != 137 {
		t.Errorf("exit code %d of a killed program", code)
	}
}

func TestSignalsArePassedOn(t *testing.T) {
	s := supervise(t, `trap 'echo hup >got' HUP; trap 'exit 9' TERM; echo yes >ready; while :; do sleep 0.05; done`)
	s.file("ready")
	_ = s.cmd.Process.Signal(unix.SIGHUP)
	if got := s.file("got"); got != "hup" {
		t.Errorf("got %s", got)
	}
	_ = s.cmd.Process.Signal(unix.SIGTERM)
	if code := s.exitCode(); code != 9 {
		t.Errorf("exit code %d", code)
	}
}

func TestARestartEndsTheProgramWithItsChildrenAndStartsItAgain(t *testing.T) {
	s := supervise(t, `sleep 1000 & echo $! >child; echo run >>runs; [ -e second ] && echo yes >again; wait`)
	child, err := strconv.Atoi(s.file("child"))
	if err != nil {
		t.Fatal(err)
	}
	s.write("second", "x")
	s.restart()
	s.file("again")
	for range 200 {
		if unix.Kill(child, 0) == unix.ESRCH {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Errorf("the child of the first run is still there, or was not reaped")
}

func TestAProgramThatIgnoresSigtermIsKilled(t *testing.T) {
	s := supervise(t, `trap '' TERM; echo run >>runs; while :; do sleep 0.05; done`)
	s.file("runs")
	s.restart()
	for range 100 {
		if s.file("runs") == "run\nrun" {
			return
		}
		time.Sleep(20 * time.Millisecond)
	}
	t.Error(s.file("runs"))
}

func TestACrashAfterARestartKeepsTheContainerUntilTheNextOne(t *testing.T) {
	s := supervise(t, `[ -e broken ] && exit 3; echo $$ >pid; [ -e mended ] && echo yes >works; exec sleep 1000`)
	s.file("pid")
	s.write("broken", "x")
	s.restart()
	time.Sleep(300 * time.Millisecond)
	select {
	case <-s.ended:
		t.Fatal("the supervisor ended with the program")
	default:
	}
	if err := os.Remove(filepath.Join(s.folder, "broken")); err != nil {
		t.Fatal(err)
	}
	s.write("mended", "x")
	s.restart()
	s.file("works")
	_ = s.cmd.Process.Signal(unix.SIGTERM)
	if code := s.exitCode(); code != 143 {
		t.Errorf("exit code %d", code)
	}
	if said := s.output.String(); !strings.Contains(said, "ended with exit code 3") {
		t.Errorf("said %q", said)
	}
}

func TestAProgramThatCannotStart(t *testing.T) {
	s := supervise(t, "echo yes >ready; exec sleep 1000")
	s.file("ready")
	missing := exec.Command(os.Args[0], "supervise", filepath.Join(s.folder, "other"), "no-such-program")
	if err := missing.Run(); err == nil || missing.ProcessState.ExitCode() != cannotStart {
		t.Errorf("got %v", err)
	}
}

func TestInstall(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "web")
	for range 2 {
		if err := Install([]string{folder}); err != nil {
			t.Fatal(err)
		}
	}
	info, err := os.Stat(filepath.Join(folder, "agent"))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Errorf("%v, %v", info, err)
	}
	names, _ := os.ReadDir(folder)
	if len(names) != 1 {
		t.Errorf("the folder has %v", names)
	}
}
