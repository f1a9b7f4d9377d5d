// Package mux carries many streams over one pair of pipes.
//
// Both directions consist of frames: type (1 byte), stream (4 bytes), length of the payload (4 bytes), payload. Numbers are
// big-endian. The client chooses the numbers of streams. Number 0 stands for the agent itself.
//
//	O  client: opens a stream; the payload is its target
//	C  agent: the stream is open; on number 0, sent once, the agent is ready
//	E  agent: the stream has failed and ended; errno (4 bytes), then a reason
//	D  data
//	F  the sender has no more data; the other direction stays open
//	R  the sender aborts the stream
//	W  the sender has consumed this number of bytes of the stream (4 bytes)
//
// A sender sends at most Window bytes that the receiver has not consumed, so a stream that nobody reads does not block the others.
// src/agent/frames.ts is the client.
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

// Window is the largest number of bytes of a stream that may be sent but not consumed.
const Window = 256 * 1024

const (
	headerSize = 9
	// chunkSize is the largest payload that the agent sends, and the largest piece of one that it keeps in one buffer.
	chunkSize = 64*1024 - headerSize
	// maxText limits the payload of all frames but D.
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

// readHeader returns io.EOF only between two frames.
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

// Buffer has space for one frame of data: a header and at most chunkSize bytes.
type Buffer struct{ raw [headerSize + chunkSize]byte }

var buffers = sync.Pool{New: func() any { return new(Buffer) }}

// NewBuffer takes a buffer from the pool.
func NewBuffer() *Buffer { return buffers.Get().(*Buffer) }

// Free returns the buffer to the pool.
func (b *Buffer) Free() { buffers.Put(b) }

// Payload returns the space for data, at most limit bytes.
func (b *Buffer) Payload(limit int) []byte {
	return b.raw[headerSize : headerSize+min(limit, chunkSize)]
}
