//go:build linux

package files

import (
	"context"
	"errors"
	"testing"
)

func TestBatchesOfOneContainerRunOneAfterTheOther(t *testing.T) {
	queue := turns{last: map[string]chan struct{}{}}
	take := func(ctx context.Context, id string) (chan func(), chan error) {
		ends, errs := make(chan func(), 1), make(chan error, 1)
		before := queue.newest(id)
		go func() {
			end, err := queue.take(ctx, id)
			ends <- end
			errs <- err
		}()
		for queue.newest(id) == before {
		}
		return ends, errs
	}
	background := context.Background()
	first, _ := take(background, "a")
	endFirst := <-first

	// Another container does not wait.
	other, _ := take(background, "b")
	(<-other)()

	// The client gives the second one up, which lets nothing overtake the first one.
	reason := errors.New("given up")
	givenUp, cancel := context.WithCancelCause(background)
	_, failed := take(givenUp, "a")
	cancel(reason)
	if err := <-failed; err != reason {
		t.Errorf("got %v", err)
	}
	third, _ := take(background, "a")
	select {
	case <-third:
		t.Error("the third batch has overtaken the first one")
	default:
	}
	endFirst()
	(<-third)()
	if len(queue.last) != 0 {
		t.Errorf("%d containers are left", len(queue.last))
	}
}

func (t *turns) newest(id string) chan struct{} {
	t.Lock()
	defer t.Unlock()
	return t.last[id]
}
