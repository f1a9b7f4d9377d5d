// Package restore leads a Service of the cluster back to its pods when the devk that has led it to its own machine is gone. It runs on a
// node of the control plane, whose kubectl it uses.
package restore

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"strings"
	"syscall"
	"time"

	"devk.dev/agent/internal/mux"
)

// The same names are in src/lib/keys.ts.
const (
	annotation = "devk.dev/swap"
	label      = "devk.dev/swap"
)

// Restorer waits for the end of devk. The durations differ in tests only.
type Restorer struct {
	// Pause lies between two attempts. After a success there is one more attempt: the last request of devk may arrive late.
	Pause time.Duration
	// Patience is how long attempts go on that fail, such as those during a restart of the API server.
	Patience time.Duration
}

// swap is the target of a stream: a Service, and the session of devk that has swapped it.
type swap struct {
	Kubectl   []string `json:"kubectl"`
	Namespace string   `json:"namespace"`
	Name      string   `json:"name"`
	Session   string   `json:"session"`
}

// Handle serves a stream whose target is a swap. If devk ends the stream in order, it has led the Service back itself. If the stream breaks,
// which is what happens when devk is killed, Handle does so.
func (r Restorer) Handle(_ context.Context, stream *mux.Stream, target string) error {
	var s swap
	if err := json.Unmarshal([]byte(target), &s); err != nil || len(s.Kubectl) == 0 || s.Name == "" || s.Session == "" {
		return &mux.Failure{Errno: syscall.EINVAL, Reason: "no swap"}
	}
	if err := stream.Opened(); err != nil {
		return err
	}
	if _, err := stream.Next(); errors.Is(err, io.EOF) {
		return stream.CloseWrite()
	}
	r.untilRestored(s)
	return nil
}

func (r Restorer) untilRestored(s swap) {
	deadline := time.Now().Add(r.Patience)
	for successes := 0; successes < 2 && time.Now().Before(deadline); time.Sleep(r.Pause) {
		if err := s.restore(); err == nil {
			successes++
		}
	}
}

// service has the fields of a Service that count here.
type service struct {
	Metadata struct {
		UID             string            `json:"uid"`
		ResourceVersion string            `json:"resourceVersion"`
		Annotations     map[string]string `json:"annotations"`
	} `json:"metadata"`
}

// restore applies the Service as it was before, if it still belongs to this session, and deletes the endpoints of the session.
func (s swap) restore() error {
	text, err := s.kubectl("", "get", "service", s.Name, "--ignore-not-found", "-o", "json")
	if err != nil {
		return err
	}
	if len(bytes.TrimSpace(text)) > 0 {
		before, err := s.before(text)
		if err != nil {
			return err
		}
		if before != nil {
			apply := []string{"apply", "--server-side", "--force-conflicts", "--field-manager", "devk", "-f", "-"}
			if _, err := s.kubectl(string(before), apply...); err != nil {
				return err
			}
		}
	}
	_, err = s.kubectl("", "delete", "endpointslices", "-l", label+"="+s.Session)
	return err
}

// before returns the Service as the annotation keeps it, or nil if the annotation is not of this session: another command has led the
// Service back by then. With its version, the API server refuses the write if the Service has changed since it was read.
func (s swap) before(text []byte) ([]byte, error) {
	var now service
	if err := json.Unmarshal(text, &now); err != nil {
		return nil, err
	}
	var note struct {
		Session string         `json:"session"`
		Before  map[string]any `json:"before"`
	}
	if json.Unmarshal([]byte(now.Metadata.Annotations[annotation]), &note) != nil || note.Session != s.Session {
		return nil, nil
	}
	metadata, ok := note.Before["metadata"].(map[string]any)
	if !ok || metadata["name"] != s.Name || metadata["namespace"] != s.Namespace || note.Before["kind"] != "Service" {
		return nil, nil
	}
	metadata["uid"] = now.Metadata.UID
	metadata["resourceVersion"] = now.Metadata.ResourceVersion
	return json.Marshal(note.Before)
}

func (s swap) kubectl(input string, args ...string) ([]byte, error) {
	ctx, cancel := context.WithTimeout(context.Background(), 15*time.Second)
	defer cancel()
	all := append(append(s.Kubectl[1:len(s.Kubectl):len(s.Kubectl)], "--namespace", s.Namespace, "--request-timeout", "10s"), args...)
	command := exec.CommandContext(ctx, s.Kubectl[0], all...)
	command.Stdin = strings.NewReader(input)
	out, err := command.Output()
	if err != nil {
		return nil, fmt.Errorf("kubectl %s: %w", args[0], err)
	}
	return out, nil
}
