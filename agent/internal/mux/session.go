package mux

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Handler serves one stream, from its opening to its end. An error that it returns is sent to the client.
type Handler func(ctx context.Context, stream *Stream, target string) error

type session struct {
	handle Handler
	output struct {
		sync.Mutex
		io.Writer
	}
	streams struct {
		sync.Mutex
		open map[uint32]*Stream
	}
	running sync.WaitGroup
}

// Serve tells the client that the agent is ready and serves streams until the input ends. It returns when all handlers have returned.
func Serve(in io.Reader, out io.Writer, handle Handler) error {
	s := &session{handle: handle}
	s.output.Writer = out
	s.streams.open = map[uint32]*Stream{}
	if err := s.send(typeOpened, 0, nil); err != nil {
		return err
	}
	err := s.receive(bufio.NewReaderSize(in, 4*chunkSize))
	for _, stream := range s.all() {
		stream.fail(errReset)
	}
	s.running.Wait()
	return err
}

// receive never writes, so a client that does not read one stream cannot block it.
func (s *session) receive(in *bufio.Reader) error {
	for {
		h, err := readHeader(in)
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		stream := s.stream(h.stream)
		if h.kind == typeData && stream != nil {
			err = stream.receive(in, int(h.length))
		} else {
			err = s.control(in, h, stream)
		}
		if err != nil {
			return err
		}
	}
}

func (s *session) control(in *bufio.Reader, h header, stream *Stream) error {
	payload := make([]byte, h.length)
	if _, err := io.ReadFull(in, payload); err != nil {
		return err
	}
	switch {
	case h.kind == typeOpen && stream == nil && h.stream != 0:
		s.start(h.stream, string(payload))
	case h.kind == typeOpen:
		return fmt.Errorf("stream %d is opened twice", h.stream)
	case stream == nil: // The stream has just ended, and the client has not received that yet.
	case h.kind == typeEnd:
		stream.end()
	case h.kind == typeReset:
		stream.fail(errReset)
	case h.kind == typeConsume && len(payload) == 4:
		stream.grant(int(binary.BigEndian.Uint32(payload)))
	default:
		return fmt.Errorf("a frame of type %q cannot be read", h.kind)
	}
	return nil
}

func (s *session) start(number uint32, target string) {
	ctx, cancel := context.WithCancelCause(context.Background())
	stream := newStream(s, number, cancel)
	s.streams.Lock()
	s.streams.open[number] = stream
	s.streams.Unlock()
	s.running.Add(1)
	go func() {
		defer s.running.Done()
		err := s.handle(ctx, stream, target)
		s.streams.Lock()
		delete(s.streams.open, number)
		s.streams.Unlock()
		stream.finish(err)
	}()
}

func (s *session) stream(number uint32) *Stream {
	s.streams.Lock()
	defer s.streams.Unlock()
	return s.streams.open[number]
}

func (s *session) all() []*Stream {
	s.streams.Lock()
	defer s.streams.Unlock()
	var all []*Stream
	for _, stream := range s.streams.open {
		all = append(all, stream)
	}
	return all
}

func (s *session) send(kind byte, stream uint32, payload []byte) error {
	frame := make([]byte, headerSize+len(payload))
	header{kind, stream, uint32(len(payload))}.put(frame)
	copy(frame[headerSize:], payload)
	return s.write(frame)
}

// write writes whole frames, one after the other.
func (s *session) write(frame []byte) error {
	s.output.Lock()
	defer s.output.Unlock()
	_, err := s.output.Write(frame)
	return err
}
