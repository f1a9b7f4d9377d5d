//go:build linux

// Package guard stands before a server of HTTP, and passes connections on whose first request names a known host. A page whose name was
// changed to lead to this machine (DNS rebinding) names another one.
package guard

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"syscall"
	"time"
)

const (
	// patience is how long a client may take for the head of its first request.
	patience = 30 * time.Second
	// startUp is how long the server may take until it listens.
	startUp = 10 * time.Second
)

// Run starts the server, passes signals on to it, and returns its exit code. It listens on one address, and the server on another.
func Run(listen, target string, hosts, argv []string) (int, error) {
	listener, err := net.Listen("tcp", listen)
	if err != nil {
		return 0, err
	}
	defer listener.Close()
	server := exec.Command(argv[0], argv[1:]...)
	server.Stdout, server.Stderr = os.Stdout, os.Stderr
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGINT, syscall.SIGQUIT, syscall.SIGHUP)
	if err := server.Start(); err != nil {
		return 0, err
	}
	go func() {
		for received := range signals {
			_ = server.Process.Signal(received)
		}
	}()
	go Serve(listener, target, hosts)
	err = server.Wait()
	var ended *exec.ExitError
	if err != nil && !errors.As(err, &ended) {
		return 0, err
	}
	if code := server.ProcessState.ExitCode(); code >= 0 {
		return code, nil
	}
	return 1, nil
}

// Serve judges connections until the listener is closed.
func Serve(listener net.Listener, target string, hosts []string) {
	for {
		conn, err := listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			// No file is free, for example. The next attempt has to wait for one.
			time.Sleep(10 * time.Millisecond)
			continue
		}
		go handle(conn.(*net.TCPConn), target, hosts)
	}
}

func handle(client *net.TCPConn, target string, hosts []string) {
	defer client.Close()
	_ = client.SetReadDeadline(time.Now().Add(patience))
	head, verdict := firstHead(client, hosts)
	if !verdict.pass {
		refuse(client, verdict.status)
		return
	}
	_ = client.SetReadDeadline(time.Time{})
	server, err := dial(target)
	if err != nil {
		return
	}
	defer server.Close()
	if _, err := server.Write(head); err != nil {
		return
	}
	done := make(chan struct{})
	go func() {
		defer close(done)
		pass(server, client)
	}()
	pass(client, server)
	<-done
}

// firstHead reads until the connection can be judged. A client that sends nothing gets an empty verdict.
func firstHead(client net.Conn, hosts []string) ([]byte, verdict) {
	head := make([]byte, 0, 4<<10)
	part := make([]byte, 4<<10)
	for {
		n, err := client.Read(part)
		head = append(head, part[:n]...)
		if n > 0 {
			if judged := judge(head, hosts); !judged.more {
				return head, judged
			}
		}
		if err != nil {
			return nil, verdict{}
		}
	}
}

func refuse(client *net.TCPConn, status string) {
	if status == "" {
		return
	}
	const body = "This host is not known here.\n"
	const head = "HTTP/1.1 %s\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: %d\r\nConnection: close\r\n\r\n%s"
	_, _ = fmt.Fprintf(client, head, status, len(body), body)
	// Closing with unread bytes would reset the connection, and the client may then lose the answer.
	_ = client.CloseWrite()
	_ = client.SetReadDeadline(time.Now().Add(time.Second))
	_, _ = io.CopyN(io.Discard, client, longestHead)
}

// dial waits for a server that starts.
func dial(target string) (*net.TCPConn, error) {
	for end := time.Now().Add(startUp); ; time.Sleep(10 * time.Millisecond) {
		conn, err := net.Dial("tcp", target)
		if err == nil {
			return conn.(*net.TCPConn), nil
		}
		if !errors.Is(err, syscall.ECONNREFUSED) || time.Now().After(end) {
			return nil, err
		}
	}
}

// pass copies until one end closes. The kernel moves the data (splice).
func pass(to, from *net.TCPConn) {
	if _, err := io.Copy(to, from); err != nil {
		_ = to.SetLinger(0)
		_ = to.Close()
		return
	}
	_ = to.CloseWrite()
}
