//go:build linux

package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/go-delve/delve/service/api"
	"github.com/go-delve/delve/service/rpc2"
)

// asProgram is the variable that makes the test binary the program itself.
const asProgram = "DEVK_TEST_AS_PROGRAM"

// patience is far above what a busy machine needs.
const patience = time.Minute

func TestMain(m *testing.M) {
	if os.Getenv(asProgram) != "" {
		main()
	}
	os.Exit(m.Run())
}

// ticker prints numbers until SIGTERM, and exits with the code of its argument. The loop is at its line 16.
const ticker = `package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
	"time"
)

func main() {
	ends := make(chan os.Signal, 1)
	signal.Notify(ends, syscall.SIGTERM)
	for number := 0; len(ends) == 0; number++ {
		if len(os.Args) > 1 && number > 3 { os.Exit(7) }
		fmt.Println("number", number)
		time.Sleep(20 * time.Millisecond)
	}
	fmt.Println("ended by itself")
	os.Exit(5)
}
`

const breakpointLine = 16

func compiled(t *testing.T, flags ...string) (program string) {
	t.Helper()
	folder := t.TempDir()
	source := filepath.Join(folder, "main.go")
	if err := os.WriteFile(source, []byte(ticker), 0o600); err != nil {
		t.Fatal(err)
	}
	program = filepath.Join(folder, "ticker")
	build := exec.Command("go", append(append([]string{"build"}, flags...), "-o", program, source)...)
	build.Dir = folder
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	return program
}

// started is the program under test, and the lines that it writes.
type started struct {
	*exec.Cmd
	address string
	lines   *bufio.Scanner
	errors  bytes.Buffer
}

func startProgram(t *testing.T, command ...string) *started {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	run := &started{address: listener.Addr().String()}
	listener.Close()
	run.Cmd = exec.Command(os.Args[0], append([]string{"run", run.address}, command...)...)
	run.Env = append(os.Environ(), asProgram+"=1")
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	run.Stdout, run.Stderr = in, &run.errors
	if err := run.Start(); err != nil {
		t.Fatal(err)
	}
	in.Close()
	late := time.AfterFunc(patience, func() { _ = run.Process.Kill() })
	t.Cleanup(func() { late.Stop(); _ = run.Process.Kill(); out.Close() })
	run.lines = bufio.NewScanner(out)
	return run
}

func (s *started) expect(t *testing.T, prefix string) {
	t.Helper()
	for s.lines.Scan() {
		if strings.HasPrefix(s.lines.Text(), prefix) {
			return
		}
	}
	t.Fatalf("no line %q; errors: %s", prefix, s.errors.String())
}

func (s *started) exit(t *testing.T, code int) {
	t.Helper()
	for s.lines.Scan() {
	}
	_ = s.Wait()
	if got := s.ProcessState.ExitCode(); got != code {
		t.Fatalf("exit code %d, not %d; errors: %s", got, code, s.errors.String())
	}
}

// stopped is a client that has stopped the program at the breakpoint.
func stopped(t *testing.T, run *started, program string) (net.Conn, *rpc2.RPCClient, *api.DebuggerState) {
	t.Helper()
	conn, err := net.Dial("tcp", run.address)
	if err != nil {
		t.Fatal(err)
	}
	client := rpc2.NewClientFromConn(conn)
	if _, err := client.Halt(); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(filepath.Dir(program), "main.go")
	if _, err := client.CreateBreakpoint(&api.Breakpoint{File: file, Line: breakpointLine}); err != nil {
		t.Fatal(err)
	}
	return conn, client, <-client.Continue()
}

func TestBreakpointIsHitAndTheProgramGoesOnWhenTheClientIsGone(t *testing.T) {
	program := compiled(t, "-gcflags=all=-N -l")
	run := startProgram(t, program)
	run.expect(t, "number 1")
	conn, client, state := stopped(t, run, program)
	if state.CurrentThread == nil || state.CurrentThread.Line != breakpointLine {
		t.Fatalf("stopped at %+v", state.CurrentThread)
	}
	number, err := client.EvalVariable(api.EvalScope{GoroutineID: -1}, "number", api.LoadConfig{})
	if err != nil || number.Value == "" {
		t.Fatalf("%+v %v", number, err)
	}
	conn.Close()
	run.expect(t, "number "+number.Value)
	run.expect(t, "number ")
	_ = run.Process.Signal(syscall.SIGTERM)
	run.expect(t, "ended by itself")
	run.exit(t, 5)
}

func TestSigtermEndsAProgramThatStandsAtABreakpoint(t *testing.T) {
	program := compiled(t, "-gcflags=all=-N -l")
	run := startProgram(t, program)
	run.expect(t, "number 1")
	stopped(t, run, program)
	_ = run.Process.Signal(syscall.SIGTERM)
	run.expect(t, "ended by itself")
	run.exit(t, 5)
}

func TestExitCodeIsThatOfTheProgram(t *testing.T) {
	startProgram(t, compiled(t), "and exits").exit(t, 7)
}

func TestProgramThatDelveCannotStartRunsWithoutIt(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/sh\necho number 1\nexit 3\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	run := startProgram(t, script)
	run.expect(t, "number 1")
	run.exit(t, 3)
	if !strings.Contains(run.errors.String(), "runs without Delve") {
		t.Fatalf("errors: %s", run.errors.String())
	}
}

func TestLookFindsTheProgramUnderDelve(t *testing.T) {
	for _, each := range []struct {
		flags   []string
		symbols bool
		plain   string
	}{{[]string{"-gcflags=all=-N -l"}, true, "all=-N -l"}, {[]string{"-ldflags=-s -w"}, false, ""}} {
		program := compiled(t, each.flags...)
		run := startProgram(t, program)
		var found report
		inspected := false
		for deadline := time.Now().Add(patience); !inspected && time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
			var out bytes.Buffer
			if look(&out) != nil {
				continue
			}
			text := strings.TrimPrefix(out.String(), "devk:")
			inspected = json.Unmarshal([]byte(text), &found) == nil && len(found.Argv) > 0 && found.Argv[0] == program
		}
		if !inspected || found.Symbols != each.symbols || found.Flags != each.plain || filepath.Base(found.Main) != "main.go" {
			t.Fatalf("%v: %+v", each.flags, found)
		}
		_ = run.Process.Kill()
	}
}

func TestInstallCopiesTheProgramForEveryUser(t *testing.T) {
	folder := t.TempDir()
	for range 2 {
		if code, err := command([]string{"install", folder}); code != 0 || err != nil {
			t.Fatal(code, err)
		}
	}
	info, err := os.Stat(filepath.Join(folder, name))
	if err != nil || info.Mode().Perm() != 0o755 {
		t.Fatal(info, err)
	}
	entries, _ := os.ReadDir(folder)
	if len(entries) != 1 {
		t.Fatal(entries)
	}
}

func TestWrongArgumentsAreAnError(t *testing.T) {
	for _, args := range [][]string{{}, {"run"}, {"run", "127.0.0.1:0"}, {"look", "more"}, {"other"}} {
		if code, err := command(args); code == 0 || err == nil {
			t.Fatal(fmt.Sprint(args), code, err)
		}
	}
}
