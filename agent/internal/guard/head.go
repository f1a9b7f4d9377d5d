//go:build linux

package guard

import (
	"bytes"
	"strings"
)

// longestHead is the limit for the head of a request, in bytes. Go's own server has 1 MB, which nobody needs here.
const longestHead = 16 << 10

// verdict is what to do with a connection: pass it on, wait for more bytes, or refuse it with this status.
type verdict struct {
	pass, more bool
	status     string
}

var (
	passes   = verdict{pass: true}
	waits    = verdict{more: true}
	notHTTP  = verdict{status: "400 Bad Request"}
	foreign  = verdict{status: "421 Misdirected Request"}
	tooLarge = verdict{status: "431 Request Header Fields Too Large"}
)

// judge decides by the first bytes of a connection. Only the first request counts: browsers do not share a connection between sites.
func judge(head []byte, hosts []string) verdict {
	// The hello of TLS is answered at once: clients of a registry try TLS first, and HTTP only after this answer.
	if !startsWithMethod(head) {
		return notHTTP
	}
	lines, complete := headLines(head)
	switch {
	case !complete && len(head) < longestHead:
		return waits
	case !complete:
		return tooLarge
	}
	// A target with a host of its own would count more than the header.
	if parts := strings.Split(lines[0], " "); len(parts) != 3 || !strings.HasPrefix(parts[1], "/") {
		return notHTTP
	}
	var named []string
	for _, line := range lines[1:] {
		name, value, _ := strings.Cut(line, ":")
		if strings.EqualFold(strings.TrimSpace(name), "host") {
			named = append(named, strings.TrimSpace(value))
		}
	}
	if len(named) > 1 {
		return notHTTP
	}
	if len(named) == 0 || !isKnown(named[0], hosts) {
		return foreign
	}
	return passes
}

func startsWithMethod(head []byte) bool {
	method, _, _ := bytes.Cut(head, []byte(" "))
	for _, b := range method {
		if b < 'A' || b > 'Z' {
			return false
		}
	}
	return len(method) <= len("OPTIONS")
}

// headLines returns the lines of a head, and whether all of them are there. Servers also take a line feed alone for the end of a line.
func headLines(head []byte) ([]string, bool) {
	var lines []string
	for {
		line, rest, found := bytes.Cut(head, []byte("\n"))
		if !found {
			return nil, false
		}
		text := strings.TrimSuffix(string(line), "\r")
		if text == "" {
			return lines, len(lines) > 0
		}
		lines, head = append(lines, text), rest
	}
}

// isKnown compares a host without its port.
func isKnown(host string, hosts []string) bool {
	if colon := strings.LastIndexByte(host, ':'); colon > strings.LastIndexByte(host, ']') && isPort(host[colon+1:]) {
		host = host[:colon]
	}
	for _, each := range hosts {
		if strings.EqualFold(strings.TrimSuffix(host, "."), each) {
			return true
		}
	}
	return false
}

func isPort(text string) bool { return strings.Trim(text, "0123456789") == "" }
