package mux

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"syscall"
)

// ErrReset is what a handler returns to break the stream off without a reason.
var ErrReset = errors.New("reset")

// errReset is why reading and writing end when the client has given the stream up.
var errReset = errors.New("reset by the client")

// Failure is an error with the errno that the client decides by.
type Failure struct {
	Errno  syscall.Errno
	Reason string
}

func (f *Failure) Error() string { return f.Reason }

// Stream is one stream as its handler sees it. One goroutine may read while another writes.
type Stream struct {
	session *session
	number  uint32
	cancel  context.CancelCauseFunc

	mu sync.Mutex
	// changed wakes whoever waits for data or for credit.
	changed  sync.Cond
	received []*piece
	// unread counts the bytes of received, consumed those that the client has not been told of.
	unread, consumed int
	ended            bool
	credit           int
	broken           error
	// rest is what Read has not given yet of the piece that Next gave.
	rest []byte
}

func newStream(s *session, number uint32, cancel context.CancelCauseFunc) *Stream {
	stream := &Stream{session: s, number: number, cancel: cancel, credit: Window}
	stream.changed.L = &stream.mu
	return stream
}

// Fail ends reading and writing here with an error, once what has been received is dropped.
func (s *Stream) Fail(err error) { s.fail(err) }

func (s *Stream) fail(err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return
	}
	s.broken = err
	s.received = nil
	s.changed.Broadcast()
	s.cancel(err)
}

// finish tells the client how the handler ended.
func (s *Stream) finish(err error) {
	s.cancel(nil)
	failure := new(Failure)
	switch {
	case err == nil || errors.Is(err, errReset):
	case errors.As(err, &failure):
		payload := binary.BigEndian.AppendUint32(nil, uint32(failure.Errno))
		_ = s.session.send(typeFailed, s.number, append(payload, failure.Reason...))
	default:
		_ = s.session.send(typeReset, s.number, nil)
	}
}
