package mux

// Opened tells the client that the stream is open.
func (s *Stream) Opened() error { return s.session.send(typeOpened, s.number, nil) }

// CloseWrite tells the client that no more data follows. Reading is still possible.
func (s *Stream) CloseWrite() error { return s.session.send(typeEnd, s.number, nil) }

// Credit waits until the client accepts data, and returns how many bytes. Only Send reduces this number.
func (s *Stream) Credit() (int, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for s.credit == 0 && s.broken == nil {
		s.changed.Wait()
	}
	return s.credit, s.broken
}

// Send sends the first n bytes of the buffer's payload. n must not exceed the credit.
func (s *Stream) Send(buffer *Buffer, n int) error {
	s.mu.Lock()
	s.credit -= n
	s.mu.Unlock()
	header{typeData, s.number, uint32(n)}.put(buffer.raw[:])
	return s.session.write(buffer.raw[:headerSize+n])
}

// Write sends all of the data.
func (s *Stream) Write(data []byte) (int, error) {
	sent := 0
	buffer := NewBuffer()
	defer buffer.Free()
	for sent < len(data) {
		credit, err := s.Credit()
		if err != nil {
			return sent, err
		}
		n := copy(buffer.Payload(credit), data[sent:])
		if err := s.Send(buffer, n); err != nil {
			return sent, err
		}
		sent += n
	}
	return sent, nil
}

func (s *Stream) grant(n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.credit += n
	s.changed.Broadcast()
}
