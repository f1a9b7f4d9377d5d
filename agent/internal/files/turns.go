//go:build linux

package files

import (
	"context"
	"sync"
)

// turns lets one batch at a time change a container. A batch that hangs, and that the client no longer waits for, may still finish the
// change of one file. Nothing newer must be there by then.
type turns struct {
	sync.Mutex
	// last has, for each container with a batch, a channel that is closed when its newest batch ends.
	last map[string]chan struct{}
}

// take waits until all earlier batches for the container have ended. The caller must call end. The error is that of the context.
func (t *turns) take(ctx context.Context, id string) (end func(), err error) {
	mine := make(chan struct{})
	t.Lock()
	before := t.last[id]
	t.last[id] = mine
	t.Unlock()
	done := func() {
		t.Lock()
		defer t.Unlock()
		if t.last[id] == mine {
			delete(t.last, id)
		}
		close(mine)
	}
	if before == nil {
		return done, nil
	}
	select {
	case <-before:
		return done, nil
	case <-ctx.Done():
		// A later batch waits for this one, and must not overtake the one before.
		go func() {
			<-before
			done()
		}()
		return func() {}, context.Cause(ctx)
	}
}
