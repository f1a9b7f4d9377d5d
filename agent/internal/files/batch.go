//go:build linux

// Package files changes the files of running containers through the root of the container. No path and no link leads out of it, and
// its image needs no programs. A change can do nothing that the container could not do itself, but for the files of its own image.
//
// A stream is one batch for one container. The target of the stream is the ID of the container, and its data are operations. Numbers
// have 4 bytes, big-endian. Texts are a length and bytes:
//
//	F path mode, then the content as pieces of length and bytes. The length 0 ends the content. The length 0xffffffff means that
//	  the client cannot send the rest, and that the old file must stay as it is
//	L path target: a symbolic link
//	D path: deletes a file or an empty folder
//
// When the client ends its direction, the agent answers with the operations that failed, each as index in the batch, errno and
// reason, and ends the stream. Batches for one container run one after the other, in the order of their streams. If the container does not run, or stops during the batch, the stream fails with ESRCH.
// src/sync/operations.ts is the client.
package files

import (
	"bufio"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"

	"golang.org/x/sys/unix"

	"devk.dev/agent/internal/mux"
)

// Handler serves the containers of a runtime that stores its tasks in the folder.
func Handler(tasks string) mux.Handler {
	queue := turns{last: map[string]chan struct{}{}}
	return func(ctx context.Context, stream *mux.Stream, id string) error {
		end, err := queue.take(ctx, id)
		defer end()
		if err != nil {
			return err
		}
		c, err := openContainer(tasks, id)
		if err != nil {
			return err
		}
		defer c.close()
		if err := c.onEnd(func() { stream.Fail(errGone) }); err != nil {
			return err
		}
		if err := stream.Opened(); err != nil {
			return err
		}
		var answer []byte
		if failure := c.workplace.run(func() { answer, err = apply(c.root, stream) }); failure != nil {
			return failed("entering the container", failure)
		}
		if err == nil && c.ended() {
			err = errGone
		}
		if err != nil {
			return err
		}
		if _, err := stream.Write(answer); err != nil {
			return err
		}
		return stream.CloseWrite()
	}
}

// apply makes the changes in order and returns the answer. It returns an error if it cannot read the operations.
func apply(r root, from io.Reader) (answer []byte, err error) {
	in := operations{bufio.NewReaderSize(from, maxText)}
	for index := uint32(0); ; index++ {
		kind, err := in.ReadByte()
		if err == io.EOF {
			return answer, nil
		}
		if err != nil {
			return nil, err
		}
		failure, broken := in.one(r, kind)
		if broken != nil {
			return nil, broken
		}
		answer = appendFailure(answer, index, failure)
	}
}

func appendFailure(answer []byte, index uint32, failure error) []byte {
	var known *mux.Failure
	if !errors.As(failure, &known) {
		return answer
	}
	answer = binary.BigEndian.AppendUint32(answer, index)
	answer = binary.BigEndian.AppendUint32(answer, uint32(known.Errno))
	answer = binary.BigEndian.AppendUint32(answer, uint32(len(known.Reason)))
	return append(answer, known.Reason...)
}

func (o operations) one(r root, kind byte) (failure, broken error) {
	path, err := o.text()
	if err != nil {
		return nil, err
	}
	switch kind {
	case 'F':
		mode, err := o.number()
		if err != nil {
			return nil, err
		}
		failure, broken = r.write(path, mode, &content{operations: o})
		if broken == errSpoiled {
			return &mux.Failure{Errno: unix.EAGAIN, Reason: "it changed while it was read"}, nil
		}
		return failure, broken
	case 'L':
		target, err := o.text()
		if err != nil {
			return nil, err
		}
		return r.asOwner(path, func(r root) error { return r.link(path, target) }), nil
	case 'D':
		return r.asOwner(path, func(r root) error { return r.remove(path) }), nil
	}
	return nil, fmt.Errorf("operation %q is not known", kind)
}
