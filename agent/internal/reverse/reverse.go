// Package reverse lets pods connect to programs of devk's machine. It listens in the node, and gives devk each connection as a stream.
// It knows no address of devk's machine: devk decides where a stream leads.
package reverse

import (
	"context"
	"errors"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"sync"
	"syscall"

	"devk.dev/agent/internal/forward"
	"devk.dev/agent/internal/mux"
)

// Listeners are the ports on which pods can connect.
type Listeners struct {
	address netip.Addr
	mu      sync.Mutex
	open    map[uint16]*listener
}

// listener hands over connections to the streams that wait for them.
type listener struct {
	conns chan *net.TCPConn
	// closed ends the streams that wait.
	closed chan struct{}
}

// New returns listeners on one address of the node.
func New(address netip.Addr) *Listeners {
	return &Listeners{address: address, open: map[uint16]*listener{}}
}

// Handle serves a stream with one of two targets. "listen PORT" listens until the stream ends; a second one waits for that. "accept PORT" is
// the next connection to that port.
func (l *Listeners) Handle(ctx context.Context, stream *mux.Stream, target string) error {
	verb, number, _ := strings.Cut(target, " ")
	port, err := strconv.ParseUint(number, 10, 16)
	if err != nil || port == 0 || verb != "listen" && verb != "accept" {
		return &mux.Failure{Errno: syscall.EINVAL, Reason: "neither listen nor accept with a port"}
	}
	if verb == "listen" {
		return l.listen(ctx, stream, uint16(port))
	}
	return l.accept(ctx, stream, uint16(port))
}

func (l *Listeners) listen(ctx context.Context, stream *mux.Stream, port uint16) error {
	if before := l.get(port); before != nil {
		select {
		case <-before.closed:
		case <-ctx.Done():
			return context.Cause(ctx)
		}
	}
	server, err := net.ListenTCP("tcp4", net.TCPAddrFromAddrPort(netip.AddrPortFrom(l.address, port)))
	if err != nil {
		return forward.Refusal(ctx, err)
	}
	own := &listener{make(chan *net.TCPConn), make(chan struct{})}
	end := sync.OnceFunc(func() {
		_ = server.Close()
		close(own.closed)
	})
	l.mu.Lock()
	l.open[port] = own
	l.mu.Unlock()
	defer l.forget(port, own)
	defer end()
	go func() {
		// The client sends no data, so this is the end of the stream or of devk.
		_, _ = stream.Next()
		end()
	}()
	if err := stream.Opened(); err != nil {
		return err
	}
	err = own.take(server)
	stream.Fail(mux.ErrReset)
	if errors.Is(err, net.ErrClosed) {
		return nil
	}
	return err
}

func (l *Listeners) get(port uint16) *listener {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.open[port]
}

// forget leaves a listener that has taken the place of own.
func (l *Listeners) forget(port uint16, own *listener) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.open[port] == own {
		delete(l.open, port)
	}
}

// take accepts a connection only when the one before has found its stream. The others wait in the kernel, which refuses too many.
func (l *listener) take(server *net.TCPListener) error {
	for {
		conn, err := server.AcceptTCP()
		if err != nil {
			return err
		}
		select {
		case l.conns <- conn:
		case <-l.closed:
			forward.Reset(conn)
			return net.ErrClosed
		}
	}
}

func (l *Listeners) accept(ctx context.Context, stream *mux.Stream, port uint16) error {
	own := l.get(port)
	if own == nil {
		return &mux.Failure{Errno: syscall.ENOTCONN, Reason: "the port is closed"}
	}
	select {
	case conn := <-own.conns:
		return forward.Serve(ctx, stream, conn)
	case <-own.closed:
		return &mux.Failure{Errno: syscall.ENOTCONN, Reason: "the port is closed"}
	case <-ctx.Done():
		return context.Cause(ctx)
	}
}
