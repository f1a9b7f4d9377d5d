//go:build linux

package main

import (
	"net"
	"sync"
	"sync/atomic"
)

// door is the listener of Delve: its first connection is the one of this program, and the others are counted.
type door struct {
	net.Listener
	own     chan net.Conn
	clients atomic.Int32
}

// newDoor also returns the other end of the first connection.
func newDoor(listener net.Listener) (*door, net.Conn) {
	inside, outside := net.Pipe()
	own := make(chan net.Conn, 1)
	own <- inside
	return &door{Listener: listener, own: own}, outside
}

func (d *door) Accept() (net.Conn, error) {
	select {
	case conn := <-d.own:
		return conn, nil
	default:
	}
	conn, err := d.Listener.Accept()
	if err != nil {
		return nil, err
	}
	d.clients.Add(1)
	return &client{Conn: conn, left: sync.OnceFunc(func() { d.clients.Add(-1) })}, nil
}

// client is a connection from outside.
type client struct {
	net.Conn
	left func()
}

func (c *client) Read(data []byte) (int, error) {
	n, err := c.Conn.Read(data)
	if err != nil {
		c.left()
	}
	return n, err
}

func (c *client) Close() error {
	c.left()
	return c.Conn.Close()
}
