package mux

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"io"
)

// piece is received data. Small frames share a buffer.
type piece struct {
	buffer *Buffer
	length int
	// lent means that the handler uses the piece, so no data may be added.
	lent bool
}

func (p *piece) data() []byte { return p.buffer.Payload(p.length) }

// Next returns received data in order. The caller owns the data until it calls Consumed. The error is io.EOF at the end.
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

// Consumed releases the data that Next returned.
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
	reported := 0
	// While a quarter of the window is not reported, the client can still send the other three quarters.
	if s.consumed >= Window/4 {
		reported, s.consumed = s.consumed, 0
	}
	s.mu.Unlock()
	first.buffer.Free()
	if reported == 0 {
		return nil
	}
	return s.session.send(typeConsume, s.number, binary.BigEndian.AppendUint32(nil, uint32(reported)))
}

// Read implements io.Reader. Do not use it together with Next.
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

// receive reads the data of one frame.
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
		return fmt.Errorf("stream %d has more than %d bytes that are not consumed", s.number, Window)
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

// last returns the piece to which more data can be added.
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
