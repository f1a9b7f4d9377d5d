package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
)

// longestBody is in bytes.
const longestBody = 100_000

// refusal is an answer that is no success, with the words for the client.
type refusal struct {
	status int
	words  string
}

func (r refusal) Error() string { return r.words }

func refuse(status int, format string, values ...any) error {
	return refusal{status, fmt.Sprintf(format, values...)}
}

// request is what a handler sees.
type request struct {
	id   string
	body map[string]any
}

// text is a field of the body; empty if it is no text.
func (r request) text(field string) string {
	value, _ := r.body[field].(string)
	return value
}

// answer serves what a handler returns as JSON.
func answer(status int, handle func(context.Context, request) (any, error)) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := bodyOf(w, r)
		var value any
		if err == nil {
			value, err = handle(r.Context(), request{id: r.PathValue("id"), body: body})
		}
		var refused refusal
		switch {
		case errors.As(err, &refused):
			write(w, refused.status, map[string]string{"error": refused.words})
		case err != nil:
			log.Printf("%s %s: %v", r.Method, r.URL.Path, err)
			write(w, http.StatusServiceUnavailable, map[string]string{"error": "try again later"})
		default:
			write(w, status, value)
		}
	})
}

func write(w http.ResponseWriter, status int, value any) {
	w.Header().Set("content-type", "application/json")
	w.WriteHeader(status)
	// The client may be gone.
	_ = json.NewEncoder(w).Encode(value)
}

func bodyOf(w http.ResponseWriter, r *http.Request) (map[string]any, error) {
	text, err := io.ReadAll(http.MaxBytesReader(w, r.Body, longestBody))
	if err != nil {
		return nil, refuse(http.StatusRequestEntityTooLarge, "the body is too long")
	}
	body := map[string]any{}
	if len(text) > 0 && json.Unmarshal(text, &body) != nil {
		return nil, refuse(http.StatusBadRequest, "the body is no JSON")
	}
	return body, nil
}
