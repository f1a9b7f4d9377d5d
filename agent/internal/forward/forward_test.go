package forward

import (
	"io"
	"net"
	"strings"
	"syscall"
	"testing"

	"devk.dev/agent/internal/mux"
	"devk.dev/agent/internal/muxtest"
)

func connect(t *testing.T) *muxtest.Client {
	t.Helper()
	return muxtest.Connect(t, func(in io.Reader, out io.Writer) error { return mux.Serve(in, out, Handle) })
}

// listen serves one connection and gives the target that leads to it.
func listen(t *testing.T, serve func(*net.TCPConn)) string {
	t.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { listener.Close() })
	go func() {
		conn, err := listener.Accept()
		if err == nil {
			serve(conn.(*net.TCPConn))
		}
	}()
	return strings.Replace(listener.Addr().String(), ":", " ", 1)
}

// open gives a client whose stream 1 leads to a pod that does what serve does.
func open(t *testing.T, serve func(*net.TCPConn)) *muxtest.Client {
	t.Helper()
	target := listen(t, serve)
	c := connect(t)
	c.Send('O', 1, target)
	c.Expect('C', 1, "")
	return c
}

func TestBytesGoBothWaysAndEachEndsOnItsOwn(t *testing.T) {
	c := open(t, func(conn *net.TCPConn) {
		question, _ := io.ReadAll(conn)
		_, _ = conn.Write(append([]byte("answer to "), question...))
		conn.Close()
	})
	c.Send('D', 1, "question")
	c.Send('F', 1, "")
	c.Expect('D', 1, "answer to question")
	c.Expect('F', 1, "")
}

func TestThePodMayEndFirst(t *testing.T) {
	rest := make(chan string, 1)
	c := open(t, func(conn *net.TCPConn) {
		_ = conn.CloseWrite()
		data, _ := io.ReadAll(conn)
		rest <- string(data)
	})
	c.Expect('F', 1, "")
	c.Send('D', 1, "still read")
	c.Send('F', 1, "")
	if got := <-rest; got != "still read" {
		t.Errorf("got %q", got)
	}
}

func TestRefusals(t *testing.T) {
	closed, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	refused := strings.Replace(closed.Addr().String(), ":", " ", 1)
	c := connect(t)
	for target, want := range map[string]string{
		refused:      muxtest.Number(uint32(syscall.ECONNREFUSED)) + "connection refused",
		"a.host 80":  muxtest.Number(uint32(syscall.EINVAL)) + "not an address",
		"127.0.0.1":  muxtest.Number(uint32(syscall.EINVAL)) + "not an address",
		"1.2.3.4 xy": muxtest.Number(uint32(syscall.EINVAL)) + "not an address",
	} {
		c.Send('O', 7, target)
		c.Expect('E', 7, want)
	}
}

func TestAResetOfThePodIsOneForTheClient(t *testing.T) {
	c := open(t, func(conn *net.TCPConn) {
		_, _ = conn.Read(make([]byte, 1))
		Reset(conn)
	})
	c.Send('D', 1, "x")
	c.Expect('R', 1, "")
}

func TestAResetOfTheClientIsOneForThePod(t *testing.T) {
	seen := make(chan error, 1)
	c := open(t, func(conn *net.TCPConn) {
		_, err := io.ReadAll(conn)
		seen <- err
	})
	c.Send('R', 1, "")
	if err := <-seen; err == nil || !strings.Contains(err.Error(), "reset") {
		t.Errorf("the pod saw %v", err)
	}
}

func TestAPodIsReadNoFasterThanTheClientReads(t *testing.T) {
	c := open(t, func(conn *net.TCPConn) {
		defer conn.Close()
		_, _ = conn.Write(make([]byte, mux.Window+1000))
	})
	for got := 0; got < mux.Window; {
		got += len(c.Next().Payload)
	}
	c.Send('W', 1, muxtest.Number(400))
	if got := len(c.Next().Payload); got != 400 {
		t.Errorf("got %d bytes for a credit of 400", got)
	}
}
