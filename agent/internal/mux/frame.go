// Package mux carries many streams over one pair of pipes.
//
// Both directions speak frames: type (1 byte), stream (4 bytes), length of the payload (4 bytes), payload. Numbers are
// big-endian. The client chooses the numbers of streams; number 0 is the agent itself.
//
//	O  client: opens a stream; the payload says to what
//	C  agent: the stream is open; on number 0, sent once, the agent is ready
//	E  agent: the stream failed and is over; errno (4 bytes), then a reason
//	D  data
//	F  the sender has no more data; the other direction stays open
//	R  the sender gives the stream up
//	W  the sender has consumed so many bytes of the stream (4 bytes)
//
// A sender never has more than Window bytes on the way that the receiver has not consumed, so a stream that nobody reads
// holds up no other one. src/agent/frames.ts is the other end.
package mux

import (
	"encoding/binary"
	"fmt"
	"io"
	"sync"
)

const (
	typeOpen    = 'O'
	typeOpened  = 'C'
	typeFailed  = 'E'
	typeData    = 'D'
	typeEnd     = 'F'
	typeReset   = 'R'
	typeConsume = 'W'
)

// Window is how many bytes of a stream may be on the way.
const Window = 256 * 1024

const (
	headerSize = 9
	// chunkSize is the largest payload that the agent sends, and the largest piece of one that it keeps in one buffer.
	chunkSize = 64*1024 - headerSize
	// maxText bounds the payload of frames that carry no data.
	maxText = 64 * 1024
)

type header struct {
	kind   byte
	stream uint32
	length uint32
}

func (h header) put(to []byte) {
	to[0] = h.kind
	binary.BigEndian.PutUint32(to[1:], h.stream)
	binary.BigEndian.PutUint32(to[5:], h.length)
}

// readHeader gives io.EOF only between two frames.
func readHeader(from io.Reader) (header, error) {
	var raw [headerSize]byte
	if _, err := io.ReadFull(from, raw[:]); err != nil {
		return header{}, err
	}
	h := header{raw[0], binary.BigEndian.Uint32(raw[1:]), binary.BigEndian.Uint32(raw[5:])}
	limit := uint32(maxText)
	if h.kind == typeData {
		limit = Window
	}
	if h.length > limit {
		return header{}, fmt.Errorf("a frame of type %q has %d bytes", h.kind, h.length)
	}
	return h, nil
}

// Buffer is a frame of data to be: room for the header, then for at most chunkSize bytes.
type Buffer struct{ raw [headerSize + chunkSize]byte }

var buffers = sync.Pool{New: func() any { return new(Buffer) }}

// NewBuffer takes a buffer from the pool.
func NewBuffer() *Buffer { return buffers.Get().(*Buffer) }

// Free gives the buffer back.
func (b *Buffer) Free() { buffers.Put(b) }

// Payload is the room for data, at most limit bytes of it.
func (b *Buffer) Payload(limit int) []byte {
	return b.raw[headerSize : headerSize+min(limit, chunkSize)]
}
