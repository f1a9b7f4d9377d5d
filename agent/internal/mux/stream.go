package mux

import (
	"context"
	"encoding/binary"
	"errors"
	"sync"
	"syscall"
)

// ErrReset is returned by a handler to abort the stream without a reason.
var ErrReset = errors.New("reset")

// errReset ends reading and writing when the client has aborted the stream.
var errReset = errors.New("reset by the client")

// Failure is an error that is sent to the client. The client uses the errno to decide what to do.
type Failure struct {
	Errno  syscall.Errno
	Reason string
}

func (f *Failure) Error() string { return f.Reason }

// Stream is one stream. One goroutine may read while another one writes.
type Stream struct {
	session *session
	number  uint32
	cancel  context.CancelCauseFunc

	mu sync.Mutex
	// changed wakes up goroutines that wait for data or credit.
	changed  sync.Cond
	received []*piece
	// unread is the number of bytes in received, consumed the number of bytes that were consumed but not reported to the client.
	unread, consumed int
	ended            bool
	credit           int
	broken           error
	// rest is the part of the data from Next that Read has not returned yet.
	rest []byte
}

func newStream(s *session, number uint32, cancel context.CancelCauseFunc) *Stream {
	stream := &Stream{session: s, number: number, cancel: cancel, credit: Window}
	stream.changed.L = &stream.mu
	return stream
}

// Fail makes reading and writing return an error, and drops the received data.
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
