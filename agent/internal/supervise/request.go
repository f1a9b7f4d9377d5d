//go:build linux

package supervise

import (
	"errors"
	"fmt"
	"io"
	"net"
	"time"
)

// done is the answer to a request that succeeded. Any other answer is a reason.
const done = "restarted\n"

// patience is how long a client waits for an answer: longer than the grace of a program.
const patience = 4 * grace

type request struct{ conn net.Conn }

func (r *request) answer(failure error) {
	defer r.conn.Close()
	_ = r.conn.SetDeadline(time.Now().Add(time.Second))
	if failure == nil {
		_, _ = io.WriteString(r.conn, done)
	} else {
		_, _ = fmt.Fprintln(r.conn, failure)
	}
}

// requests returns the connections to a socket, until it is closed.
func requests(listener net.Listener) <-chan *request {
	all := make(chan *request)
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			all <- &request{conn}
		}
	}()
	return all
}

// Restart asks the supervisor at a socket to start its program again, and returns when it runs.
func Restart(socket string) error {
	conn, err := net.Dial("unix", socket)
	if err != nil {
		return err
	}
	defer conn.Close()
	if err := conn.SetDeadline(time.Now().Add(patience)); err != nil {
		return err
	}
	answer, err := io.ReadAll(conn)
	if err != nil {
		return err
	}
	if string(answer) != done {
		return errors.New(string(answer))
	}
	return nil
}
