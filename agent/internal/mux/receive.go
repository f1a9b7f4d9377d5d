package mux

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// piece is received data in a buffer of its own; small frames share one.
type piece struct {
	buffer *Buffer
	length int
	// lent says that the handler works on it, so nothing is added any more.
	lent bool
}

func (p *piece) data() []byte { return p.buffer.Payload(p.length) }

// Next gives the data in the order in which it came. The caller owns the piece until the next call. The error is io.EOF at the end.
func (s *Stream) Next() ([]byte, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for len(s.received) == 0 && !s.ended && s.broken == nil {
		s.changed.Wait()
	}
	if s.broken != nil {
		return nil, s.broken
	}
	if len(s.received) == 0 {
		return nil, io.EOF
	}
	s.received[0].lent = true
	return s.received[0].data(), nil
}

// Consumed says that the piece that Next gave is dealt with.
func (s *Stream) Consumed() error {
	s.mu.Lock()
	if s.broken != nil {
		s.mu.Unlock()
		return s.broken
	}
	first := s.received[0]
	s.received = s.received[1:]
	s.unread -= first.length
	s.consumed += first.length
	told := 0
	// With a quarter of the window untold the client can still send the other three.
	if s.consumed >= Window/4 {
		told, s.consumed = s.consumed, 0
	}
	s.mu.Unlock()
	first.buffer.Free()
	if told == 0 {
		return nil
	}
	return s.session.send(typeConsume, s.number, binary.BigEndian.AppendUint32(nil, uint32(told)))
}

// Read reads data as io.Reader does; it and Next are not to be mixed.
func (s *Stream) Read(into []byte) (int, error) {
	if len(s.rest) == 0 {
		next, err := s.Next()
		if err != nil {
			return 0, err
		}
		s.rest = next
	}
	n := copy(into, s.rest)
	s.rest = s.rest[n:]
	if len(s.rest) > 0 {
		return n, nil
	}
	return n, s.Consumed()
}

// receive takes the data of one frame.
func (s *Stream) receive(in *bufio.Reader, length int) error {
	for length > 0 {
		data, err := in.Peek(min(length, chunkSize))
		if err != nil {
			return err
		}
		if err := s.add(data); err != nil {
			return err
		}
		length -= len(data)
		_, _ = in.Discard(len(data))
	}
	return nil
}

func (s *Stream) add(data []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.broken != nil {
		return nil
	}
	s.unread += len(data)
	if s.unread+s.consumed > Window {
		return fmt.Errorf("stream %d has more than %d bytes on the way", s.number, Window)
	}
	for len(data) > 0 {
		last := s.last()
		n := copy(last.buffer.Payload(chunkSize)[last.length:], data)
		last.length += n
		data = data[n:]
	}
	s.changed.Broadcast()
	return nil
}

// last gives the piece that more data goes to.
func (s *Stream) last() *piece {
	if n := len(s.received); n > 0 {
		if last := s.received[n-1]; !last.lent && last.length < chunkSize {
			return last
		}
	}
	last := &piece{buffer: NewBuffer()}
	s.received = append(s.received, last)
	return last
}

func (s *Stream) end() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.ended = true
	s.changed.Broadcast()
}
