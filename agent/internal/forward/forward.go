// Package forward connects streams to TCP addresses in the network of the node.
package forward

import (
	"context"
	"errors"
	"io"
	"net"
	"net/netip"
	"strings"
	"syscall"

	"devk.dev/agent/internal/mux"
)

// Handle connects a stream to its target: an address and a port with a space between them. It copies in both directions. Each
// direction ends on its own.
func Handle(ctx context.Context, stream *mux.Stream, target string) error {
	address, err := netip.ParseAddrPort(addressPort(target))
	if err != nil {
		return &mux.Failure{Errno: syscall.EINVAL, Reason: "not an address"}
	}
	var dialer net.Dialer
	opened, err := dialer.DialContext(ctx, "tcp", address.String())
	if err != nil {
		return Refusal(ctx, err)
	}
	return Serve(ctx, stream, opened.(*net.TCPConn))
}

// Serve tells the client that the stream is open, and copies in both directions until both have ended. It closes the connection.
func Serve(ctx context.Context, stream *mux.Stream, conn *net.TCPConn) error {
	if err := join(ctx, stream, conn); err != nil {
		Reset(conn)
		return err
	}
	return conn.Close()
}

// join copies in both directions until both have ended, or one has failed.
func join(ctx context.Context, stream *mux.Stream, conn *net.TCPConn) error {
	if err := stream.Opened(); err != nil {
		return err
	}
	// If the stream breaks, wake up the goroutine that waits for the pod.
	stop := context.AfterFunc(ctx, func() { Reset(conn) })
	defer stop()
	sent := make(chan error, 1)
	go func() { sent <- toPod(stream, conn) }()
	err := fromPod(conn, stream)
	if err != nil {
		stream.Fail(err)
	}
	return errors.Join(err, <-sent)
}

func addressPort(target string) string {
	address, port, _ := strings.Cut(target, " ")
	return net.JoinHostPort(address, port)
}

// Refusal is the error for the client when a connection or a port could not be opened.
func Refusal(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return context.Cause(ctx)
	}
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return &mux.Failure{Errno: errno, Reason: errno.Error()}
	}
	return &mux.Failure{Errno: syscall.EIO, Reason: err.Error()}
}

// Reset makes the pod see a broken connection instead of a regular end.
func Reset(conn *net.TCPConn) {
	_ = conn.SetLinger(0)
	_ = conn.Close()
}

func toPod(stream *mux.Stream, conn *net.TCPConn) error {
	for {
		data, err := stream.Next()
		if errors.Is(err, io.EOF) {
			return conn.CloseWrite()
		}
		if err != nil {
			return err
		}
		if _, err := conn.Write(data); err != nil {
			stream.Fail(mux.ErrReset)
			return err
		}
		if err := stream.Consumed(); err != nil {
			return err
		}
	}
}

// fromPod takes a buffer only when data is available, so that idle connections need little memory.
func fromPod(conn *net.TCPConn, stream *mux.Stream) error {
	raw, err := conn.SyscallConn()
	if err != nil {
		return err
	}
	for {
		credit, err := stream.Credit()
		if err != nil {
			return err
		}
		buffer, n, err := readReady(raw, credit)
		if err != nil {
			return err
		}
		if n == 0 {
			return stream.CloseWrite()
		}
		err = stream.Send(buffer, n)
		buffer.Free()
		if err != nil {
			return err
		}
	}
}

func readReady(raw syscall.RawConn, limit int) (buffer *mux.Buffer, n int, err error) {
	waitErr := raw.Read(func(fd uintptr) bool {
		buffer = mux.NewBuffer()
		n, err = syscall.Read(int(fd), buffer.Payload(limit))
		if err == syscall.EAGAIN {
			buffer.Free()
			return false
		}
		return true
	})
	if waitErr != nil {
		return nil, 0, waitErr
	}
	if err != nil || n == 0 {
		buffer.Free()
	}
	return buffer, n, err
}
