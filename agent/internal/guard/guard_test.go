//go:build linux

package guard

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

var known = []string{"localhost", "127.0.0.1", "[::1]", "devk-registry"}

func request(lines ...string) []byte { return []byte(strings.Join(lines, "\r\n") + "\r\n\r\n") }

func TestOnlyKnownHostsPass(t *testing.T) {
	for _, c := range []struct {
		why  string
		head []byte
		want verdict
	}{
		{"the engine", request("GET /v2/ HTTP/1.1", "Host: localhost:5001"), passes},
		{"a node", request("HEAD /v2/a/manifests/1?ns=localhost%3A5001 HTTP/1.1", "user-agent: containerd", "host: DEVK-REGISTRY:5000"), passes},
		{"IPv6", request("GET / HTTP/1.1", "Host: [::1]:5001"), passes},
		{"a name with its dot", request("GET / HTTP/1.1", "Host: localhost."), passes},
		{"a page of the web", request("GET /v2/ HTTP/1.1", "Host: attacker.example:5001"), foreign},
		{"a name that begins as a known one", request("GET / HTTP/1.1", "Host: localhost.attacker.example"), foreign},
		{"a name that ends as a known one", request("GET / HTTP/1.1", "Host: notlocalhost"), foreign},
		{"a user before the host", request("GET / HTTP/1.1", "Host: localhost:x@attacker.example"), foreign},
		{"no host", request("GET / HTTP/1.0"), foreign},
		{"an empty host", request("GET / HTTP/1.1", "Host:"), foreign},
		{"two hosts", request("GET / HTTP/1.1", "Host: localhost", "Host: attacker.example"), notHTTP},
		{"a host in the target", request("GET http://attacker.example/v2/ HTTP/1.1", "Host: localhost"), notHTTP},
		{"HTTP/2", request("PRI * HTTP/2.0"), notHTTP},
		{"TLS", []byte{22, 3, 1}, notHTTP},
		{"lines that end with a line feed alone", []byte("GET / HTTP/1.1\nHost: attacker.example\n\n"), foreign},
		{"a host after other bytes", []byte("GET / HTTP/1.1\r\nHost: loc"), waits},
		{"a part of a method", []byte("GE"), waits},
		{"a head without an end", []byte("GET / HTTP/1.1\r\nX: " + strings.Repeat("a", longestHead)), tooLarge},
	} {
		if got := judge(c.head, known); got != c.want {
			t.Errorf("%s: %+v, not %+v", c.why, got, c.want)
		}
	}
}

func guarded(t *testing.T, handler http.HandlerFunc) string {
	t.Helper()
	server := httptest.NewServer(handler)
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close(); server.Close() })
	go Serve(listener, server.Listener.Addr().String(), known)
	return listener.Addr().String()
}

func TestUploadsAndAnswersPassWhole(t *testing.T) {
	address := guarded(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.Copy(w, r.Body) })
	sent := strings.Repeat("layer", 1<<20)
	answer, err := http.Post("http://"+address+"/v2/", "application/octet-stream", strings.NewReader(sent))
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	got, err := io.ReadAll(answer.Body)
	if err != nil || string(got) != sent {
		t.Fatalf("%d of %d bytes came back: %v", len(got), len(sent), err)
	}
}

func TestAForeignHostReachesNothing(t *testing.T) {
	reached := false
	address := guarded(t, func(http.ResponseWriter, *http.Request) { reached = true })
	asked, err := http.NewRequest(http.MethodDelete, "http://"+address+"/v2/a/manifests/1", nil)
	if err != nil {
		t.Fatal(err)
	}
	asked.Host = "attacker.example"
	answer, err := http.DefaultClient.Do(asked)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	if reached || answer.StatusCode != http.StatusMisdirectedRequest {
		t.Fatalf("status %d, reached: %v", answer.StatusCode, reached)
	}
}

func TestTheExitCodeIsThatOfTheServer(t *testing.T) {
	code, err := Run("127.0.0.1:0", "127.0.0.1:1", known, []string{"sh", "-c", "exit 7"})
	if code != 7 || err != nil {
		t.Fatalf("%d, %v", code, err)
	}
}
