//go:build linux

package files

import (
	"bufio"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
)

// maxText is larger than the longest path that the kernel accepts.
const maxText = 64 * 1024

// spoiled is the length of a piece which means that the client cannot send the rest of the file.
const spoiled = 0xffffffff

var errSpoiled = errors.New("the client could not read the file to its end")

// operations reads the parts of operations. If the stream ends within an operation, the error is io.ErrUnexpectedEOF.
type operations struct{ *bufio.Reader }

func (o operations) number() (uint32, error) {
	var raw [4]byte
	if _, err := io.ReadFull(o, raw[:]); err != nil {
		return 0, unexpected(err)
	}
	return binary.BigEndian.Uint32(raw[:]), nil
}

func (o operations) text() (string, error) {
	length, err := o.number()
	if err != nil {
		return "", err
	}
	if length > maxText {
		return "", fmt.Errorf("a text of %d bytes", length)
	}
	raw := make([]byte, length)
	_, err = io.ReadFull(o, raw)
	return string(raw), unexpected(err)
}

func unexpected(err error) error {
	if err == io.EOF {
		return io.ErrUnexpectedEOF
	}
	return err
}

// content is the content of one file. If a writer fails, the rest of the content can be written to another one.
type content struct {
	operations
	// left is the number of bytes that remain of the current piece.
	left uint32
	read bool
}

func (c *content) WriteTo(to io.Writer) (written int64, err error) {
	for {
		if err := c.nextPiece(); err != nil || c.read {
			return written, err
		}
		part, err := c.Peek(int(min(c.left, maxText)))
		if err != nil {
			return written, unexpected(err)
		}
		n, err := to.Write(part)
		written += int64(n)
		c.left -= uint32(len(part))
		_, _ = c.Discard(len(part))
		if err != nil {
			return written, err
		}
	}
}

func (c *content) nextPiece() (err error) {
	if c.left > 0 || c.read {
		return nil
	}
	if c.left, err = c.number(); err != nil {
		return err
	}
	if c.left == spoiled {
		c.left, c.read = 0, true
		return errSpoiled
	}
	c.read = c.left == 0
	return nil
}
