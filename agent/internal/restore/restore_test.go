package restore

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"devk.dev/agent/internal/mux"
	"devk.dev/agent/internal/muxtest"
)

const before = `{"apiVersion":"v1","kind":"Service","metadata":{"name":"api","namespace":"shop"},"spec":{"selector":{"app":"api"}}}`

// cluster plays kubectl. It answers get with the Service, and writes down its calls.
type cluster struct {
	t      *testing.T
	folder string
}

func newCluster(t *testing.T, noted string) *cluster {
	t.Helper()
	c := &cluster{t, t.TempDir()}
	script := `#!/bin/sh
cd "$(dirname "$0")"
echo "$*" >> calls
[ -e broken ] && exit 1
case "$*" in *" get "*) cat service;; *" apply "*) cat > applied;; esac
`
	c.write("kubectl", script)
	service := map[string]any{"metadata": map[string]any{
		"uid": "u1", "resourceVersion": "7", "annotations": map[string]string{"devk.dev/swap": noted},
	}}
	text, err := json.Marshal(service)
	if err != nil {
		t.Fatal(err)
	}
	c.write("service", string(text))
	return c
}

func (c *cluster) write(name, text string) {
	c.t.Helper()
	if err := os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o700); err != nil {
		c.t.Fatal(err)
	}
}

func (c *cluster) read(name string) string {
	text, _ := os.ReadFile(filepath.Join(c.folder, name))
	return string(text)
}

func (c *cluster) target() string {
	return fmt.Sprintf(`{"kubectl":[%q,"--kubeconfig","admin"],"namespace":"shop","name":"api","session":"s1"}`,
		filepath.Join(c.folder, "kubectl"))
}

func connect(t *testing.T) *muxtest.Client {
	t.Helper()
	r := Restorer{Pause: time.Millisecond, Patience: 5 * time.Second}
	return muxtest.Connect(t, func(in io.Reader, out io.Writer) error { return mux.Serve(in, out, r.Handle) })
}

func ended(t *testing.T, c *muxtest.Client) {
	t.Helper()
	select {
	case err := <-c.Ended:
		if err != nil {
			t.Fatal(err)
		}
	case <-time.After(20 * time.Second):
		t.Fatal("the agent did not end")
	}
}

func noted(session string) string { return fmt.Sprintf(`{"session":%q,"before":%s}`, session, before) }

func TestWhenDevkIsGoneTheServiceIsAppliedAsItWasAndItsEndpointsAreDeleted(t *testing.T) {
	k := newCluster(t, noted("s1"))
	c := connect(t)
	c.Send('O', 1, k.target())
	c.Expect('C', 1, "")
	c.Close()
	ended(t, c)
	want := `{"apiVersion":"v1","kind":"Service","metadata":{"name":"api","namespace":"shop","resourceVersion":"7","uid":"u1"},` +
		`"spec":{"selector":{"app":"api"}}}`
	if got := k.read("applied"); got != want {
		t.Errorf("applied %s", got)
	}
	round := `--kubeconfig admin --namespace shop --request-timeout 10s get service api --ignore-not-found -o json
--kubeconfig admin --namespace shop --request-timeout 10s apply --server-side --force-conflicts --field-manager devk -f -
--kubeconfig admin --namespace shop --request-timeout 10s delete endpointslices -l devk.dev/swap=s1
`
	if got := k.read("calls"); got != round+round {
		t.Errorf("called %s", got)
	}
}

func TestADevkThatEndsInOrderLeavesNothingToDo(t *testing.T) {
	k := newCluster(t, noted("s1"))
	c := connect(t)
	c.Send('O', 1, k.target())
	c.Expect('C', 1, "")
	c.Send('F', 1, "")
	c.Expect('F', 1, "")
	c.Close()
	ended(t, c)
	if got := k.read("calls"); got != "" {
		t.Errorf("called %s", got)
	}
}

func TestAServiceOfAnotherSessionStaysAsItIs(t *testing.T) {
	for _, note := range []string{noted("s2"), "", "no JSON", `{"session":"s1"}`,
		`{"session":"s1","before":{"kind":"Service","metadata":{"name":"web","namespace":"shop"}}}`,
		`{"session":"s1","before":{"kind":"Secret","metadata":{"name":"api","namespace":"shop"}}}`} {
		k := newCluster(t, note)
		c := connect(t)
		c.Send('O', 1, k.target())
		c.Expect('C', 1, "")
		c.Close()
		ended(t, c)
		if calls := k.read("calls"); strings.Contains(calls, " apply ") || !strings.Contains(calls, "devk.dev/swap=s1") {
			t.Errorf("with %q: called %s", note, calls)
		}
	}
}

func TestAServiceThatIsGoneIsNotAppliedAgain(t *testing.T) {
	k := newCluster(t, "")
	k.write("service", "")
	c := connect(t)
	c.Send('O', 1, k.target())
	c.Expect('C', 1, "")
	c.Close()
	ended(t, c)
	if calls := k.read("calls"); strings.Contains(calls, " apply ") || !strings.Contains(calls, "devk.dev/swap=s1") {
		t.Errorf("called %s", calls)
	}
}

func TestItTriesAgainUntilTheServerAnswers(t *testing.T) {
	k := newCluster(t, noted("s1"))
	k.write("broken", "")
	c := connect(t)
	c.Send('O', 1, k.target())
	c.Expect('C', 1, "")
	c.Close()
	for start := time.Now(); strings.Count(k.read("calls"), "get service") < 2; time.Sleep(time.Millisecond) {
		if time.Since(start) > 4*time.Second {
			t.Fatal("it tried only once")
		}
	}
	if err := os.Remove(filepath.Join(k.folder, "broken")); err != nil {
		t.Fatal(err)
	}
	ended(t, c)
	if k.read("applied") == "" {
		t.Error("nothing was applied")
	}
}

func TestRefusals(t *testing.T) {
	c := connect(t)
	for _, target := range []string{"", "api", `{"kubectl":[],"name":"api","session":"s1"}`, `{"kubectl":["kubectl"],"name":"api"}`} {
		c.Send('O', 7, target)
		c.Expect('E', 7, muxtest.Number(uint32(syscall.EINVAL))+"no swap")
	}
}
