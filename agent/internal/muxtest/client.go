// Package muxtest is the client's end of a session, for tests.
package muxtest

import (
	"bufio"
	"encoding/binary"
	"io"
	"testing"
)

// Frame is one frame; Kind is a letter of package mux.
type Frame struct {
	Kind    byte
	Stream  uint32
	Payload string
}

// Client speaks to a session over pipes.
type Client struct {
	t   *testing.T
	in  *io.PipeWriter
	out *bufio.Reader
	// Ended gets what the session returned.
	Ended chan error
}

// Connect starts a session and waits until it is ready.
func Connect(t *testing.T, serve func(in io.Reader, out io.Writer) error) *Client {
	t.Helper()
	inReader, in := io.Pipe()
	out, outWriter := io.Pipe()
	c := &Client{t, in, bufio.NewReader(out), make(chan error, 1)}
	go func() {
		c.Ended <- serve(inReader, outWriter)
		outWriter.Close()
	}()
	t.Cleanup(func() { in.Close(); out.Close() })
	c.Expect('C', 0, "")
	return c
}

// Send sends one frame.
func (c *Client) Send(kind byte, stream uint32, payload string) {
	c.t.Helper()
	raw := append([]byte{kind}, Number(stream)+Number(uint32(len(payload)))+payload...)
	if _, err := c.in.Write(raw); err != nil {
		c.t.Fatal(err)
	}
}

// Next waits for a frame.
func (c *Client) Next() Frame {
	c.t.Helper()
	var raw [9]byte
	if _, err := io.ReadFull(c.out, raw[:]); err != nil {
		c.t.Fatal(err)
	}
	payload := make([]byte, binary.BigEndian.Uint32(raw[5:]))
	if _, err := io.ReadFull(c.out, payload); err != nil {
		c.t.Fatal(err)
	}
	return Frame{raw[0], binary.BigEndian.Uint32(raw[1:]), string(payload)}
}

// Expect waits for a frame, which must be the one described.
func (c *Client) Expect(kind byte, stream uint32, payload string) {
	c.t.Helper()
	want := Frame{kind, stream, payload}
	if got := c.Next(); got != want {
		c.t.Fatalf("got %q, want %q", got, want)
	}
}

// Close ends the session's input.
func (c *Client) Close() { c.in.Close() }

// Number is a number as it stands in frames.
func Number(n uint32) string { return string(binary.BigEndian.AppendUint32(nil, n)) }
