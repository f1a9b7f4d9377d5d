package reverse

import (
	"fmt"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"
	"testing"

	"devk.dev/agent/internal/mux"
	"devk.dev/agent/internal/muxtest"
)

var loopback = netip.MustParseAddr("127.0.0.1")

func connect(t *testing.T) *muxtest.Client {
	t.Helper()
	handle := New(loopback).Handle
	return muxtest.Connect(t, func(in io.Reader, out io.Writer) error { return mux.Serve(in, out, handle) })
}

// freePort returns a port on which nothing listens.
func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	return listener.Addr().(*net.TCPAddr).Port
}

func dial(t *testing.T, port int) *net.TCPConn {
	t.Helper()
	conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { conn.Close() })
	return conn.(*net.TCPConn)
}

func TestEachConnectionBecomesTheNextStream(t *testing.T) {
	port := freePort(t)
	c := connect(t)
	c.Send('O', 1, fmt.Sprintf("listen %d", port))
	c.Expect('C', 1, "")
	pod := dial(t, port)
	_, _ = pod.Write([]byte("question"))
	_ = pod.CloseWrite()
	// The connection waits for its stream.
	c.Send('O', 2, fmt.Sprintf("accept %d", port))
	c.Expect('C', 2, "")
	c.Expect('D', 2, "question")
	c.Expect('F', 2, "")
	c.Send('D', 2, "answer")
	c.Send('F', 2, "")
	if answer, err := io.ReadAll(pod); err != nil || string(answer) != "answer" {
		t.Errorf("got %q, %v", answer, err)
	}
}

func TestAStreamThatDevkAbortsIsAResetForThePod(t *testing.T) {
	port := freePort(t)
	c := connect(t)
	c.Send('O', 1, fmt.Sprintf("listen %d", port))
	c.Expect('C', 1, "")
	c.Send('O', 2, fmt.Sprintf("accept %d", port))
	pod := dial(t, port)
	c.Expect('C', 2, "")
	c.Send('R', 2, "")
	if _, err := io.ReadAll(pod); err == nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("the pod saw %v", err)
	}
}

func TestThePortIsClosedWithItsStream(t *testing.T) {
	port := freePort(t)
	c := connect(t)
	c.Send('O', 1, fmt.Sprintf("listen %d", port))
	c.Expect('C', 1, "")
	c.Send('O', 2, fmt.Sprintf("accept %d", port))
	c.Send('R', 1, "")
	c.Expect('E', 2, muxtest.Number(uint32(syscall.ENOTCONN))+"the port is closed")
	if conn, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		conn.Close()
		t.Error("the port is open")
	}
	c.Send('O', 3, fmt.Sprintf("listen %d", port))
	c.Expect('C', 3, "")
}

func TestAPortCanBeOpenedAgainAtOnce(t *testing.T) {
	port := freePort(t)
	c := connect(t)
	target := fmt.Sprintf("listen %d", port)
	c.Send('O', 1, target)
	c.Expect('C', 1, "")
	for stream := uint32(2); stream < 50; stream++ {
		c.Send('R', stream-1, "")
		c.Send('O', stream, target)
		c.Expect('C', stream, "")
	}
	c.Send('O', 50, fmt.Sprintf("accept %d", port))
	dial(t, port)
	c.Expect('C', 50, "")
}

func TestThePortIsClosedWhenDevkEnds(t *testing.T) {
	port := freePort(t)
	c := connect(t)
	c.Send('O', 1, fmt.Sprintf("listen %d", port))
	c.Expect('C', 1, "")
	c.Close()
	if err := <-c.Ended; err != nil {
		t.Error(err)
	}
	if _, err := net.Dial("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
		t.Error("the port is open")
	}
}

func TestRefusals(t *testing.T) {
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	c := connect(t)
	invalid := muxtest.Number(uint32(syscall.EINVAL)) + "neither listen nor accept with a port"
	for target, want := range map[string]string{
		fmt.Sprintf("listen %d", taken.Addr().(*net.TCPAddr).Port): muxtest.Number(uint32(syscall.EADDRINUSE)) + "address already in use",
		fmt.Sprintf("accept %d", freePort(t)):                      muxtest.Number(uint32(syscall.ENOTCONN)) + "the port is closed",
		"listen 0":                                                 invalid,
		"listen 65536":                                             invalid,
		"connect 80":                                               invalid,
		"listen 127.0.0.1 80":                                      invalid,
	} {
		c.Send('O', 7, target)
		c.Expect('E', 7, want)
	}
}
