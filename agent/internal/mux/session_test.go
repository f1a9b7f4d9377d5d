package mux

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"syscall"
	"testing"

	"devk.dev/agent/internal/muxtest"
)

func connect(t *testing.T, handle Handler) *muxtest.Client {
	t.Helper()
	return muxtest.Connect(t, func(in io.Reader, out io.Writer) error { return Serve(in, out, handle) })
}

// upper answers in capitals once all has come.
func upper(_ context.Context, stream *Stream, target string) error {
	data, err := io.ReadAll(stream)
	if err != nil {
		return err
	}
	if _, err := fmt.Fprint(stream, target, strings.ToUpper(string(data))); err != nil {
		return err
	}
	return stream.CloseWrite()
}

func TestStreamsDoNotMix(t *testing.T) {
	c := connect(t, upper)
	c.Send(typeOpen, 1, "a:")
	c.Send(typeOpen, 2, "b:")
	c.Send(typeData, 1, "on")
	c.Send(typeData, 2, "two")
	c.Send(typeData, 1, "e")
	c.Send(typeEnd, 1, "")
	c.Expect(typeData, 1, "a:ONE")
	c.Expect(typeEnd, 1, "")
	c.Send(typeEnd, 2, "")
	c.Expect(typeData, 2, "b:TWO")
	c.Expect(typeEnd, 2, "")
}

func TestErrorsReachTheClient(t *testing.T) {
	c := connect(t, func(_ context.Context, _ *Stream, target string) error {
		if target == "known" {
			return fmt.Errorf("wrapped: %w", &Failure{syscall.EROFS, "it is read-only"})
		}
		return errors.New("another")
	})
	c.Send(typeOpen, 1, "known")
	c.Expect(typeFailed, 1, muxtest.Number(30)+"it is read-only")
	c.Send(typeOpen, 2, "unknown")
	c.Expect(typeReset, 2, "")
}

func TestNoMoreIsSentThanTheClientTakes(t *testing.T) {
	c := connect(t, func(_ context.Context, stream *Stream, _ string) error {
		_, err := stream.Write(make([]byte, 2*Window))
		return err
	})
	c.Send(typeOpen, 1, "")
	for got := 0; got < Window; {
		got += len(c.Next().Payload)
	}
	c.Send(typeConsume, 1, muxtest.Number(10))
	c.Expect(typeData, 1, string(make([]byte, 10)))
}

func TestAStreamThatIsNotReadHoldsUpNoOther(t *testing.T) {
	c := connect(t, func(ctx context.Context, stream *Stream, target string) error {
		if target == "slow" {
			<-ctx.Done()
			return context.Cause(ctx)
		}
		return upper(ctx, stream, target)
	})
	c.Send(typeOpen, 1, "slow")
	for i := 0; i < 4; i++ {
		c.Send(typeData, 1, string(make([]byte, Window/4)))
	}
	c.Send(typeOpen, 2, "")
	c.Send(typeData, 2, "x")
	c.Send(typeEnd, 2, "")
	c.Expect(typeData, 2, "X")
}

func TestTheWindowOpensAsBytesAreConsumed(t *testing.T) {
	c := connect(t, upper)
	c.Send(typeOpen, 1, "")
	for i := 0; i < 16; i++ {
		c.Send(typeData, 1, string(make([]byte, Window/16)))
		if i%4 == 3 {
			c.Expect(typeConsume, 1, muxtest.Number(Window/4))
		}
	}
}

func TestSmallFramesShareBuffers(t *testing.T) {
	s := newStream(nil, 1, func(error) {})
	for i := 0; i < 1000; i++ {
		if err := s.add([]byte("abc")); err != nil {
			t.Fatal(err)
		}
	}
	if len(s.received) != 1 {
		t.Errorf("1000 frames of 3 bytes take %d buffers", len(s.received))
	}
	first, _ := s.Next()
	if !bytes.Equal(first, []byte(strings.Repeat("abc", 1000))) {
		t.Errorf("got %d bytes", len(first))
	}
	if err := s.add([]byte("later")); err != nil {
		t.Fatal(err)
	}
	if len(first) != 3000 || len(s.received) != 2 {
		t.Error("the piece that is being read has grown")
	}
}

func TestMoreThanTheWindowEndsTheSession(t *testing.T) {
	c := connect(t, func(ctx context.Context, _ *Stream, _ string) error {
		<-ctx.Done()
		return context.Cause(ctx)
	})
	c.Send(typeOpen, 1, "")
	for i := 0; i < 4; i++ {
		c.Send(typeData, 1, string(make([]byte, Window/4)))
	}
	c.Send(typeData, 1, "x")
	if err := <-c.Ended; err == nil || !strings.Contains(err.Error(), "not consumed") {
		t.Errorf("got %v", err)
	}
}

func TestAResetAndTheEndWakeHandlers(t *testing.T) {
	ended := make(chan error, 2)
	c := connect(t, func(_ context.Context, stream *Stream, _ string) error {
		_, err := io.ReadAll(stream)
		ended <- err
		return err
	})
	c.Send(typeOpen, 1, "")
	c.Send(typeReset, 1, "")
	if err := <-ended; !errors.Is(err, errReset) {
		t.Errorf("got %v", err)
	}
	c.Send(typeOpen, 2, "")
	c.Close()
	if err := <-ended; !errors.Is(err, errReset) {
		t.Errorf("got %v", err)
	}
	if err := <-c.Ended; err != nil {
		t.Errorf("the session ended with %v", err)
	}
}

func TestFramesThatCannotBeReadEndTheSession(t *testing.T) {
	for name, raw := range map[string]string{
		"unknown type": "Z" + muxtest.Number(1) + muxtest.Number(0),
		"too long":     "O" + muxtest.Number(1) + muxtest.Number(1<<20),
		"cut off":      "D" + muxtest.Number(1) + muxtest.Number(5) + "ab",
	} {
		t.Run(name, func(t *testing.T) {
			input := "O" + muxtest.Number(1) + muxtest.Number(0) + raw
			if err := Serve(strings.NewReader(input), io.Discard, upper); err == nil {
				t.Error("no error")
			}
		})
	}
}
