// Command api is the twin of app/src/api.js in Go: the same requests and answers, on the same tables and the same queue.
package main

import (
	"cmp"
	"context"
	"log"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"
)

// grace is how long what is under way may take after SIGTERM.
const grace = 20 * time.Second

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	// Served only when both are there: until then nobody answers, so that the pod is not ready.
	database, err := connectDatabase(ctx, os.Getenv("DATABASE_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer database.Close()
	queue, err := connectQueue(ctx, os.Getenv("REDIS_URL"))
	if err != nil {
		log.Fatal(err)
	}
	defer queue.Close()
	people := accounts{database, os.Getenv("TOKEN_SECRET")}
	work := gigs{database, queue}

	routes := http.NewServeMux()
	routes.Handle("GET /api/v1/health", answer(http.StatusOK, health))
	routes.Handle("POST /api/v1/accounts", answer(http.StatusCreated, people.register))
	routes.Handle("POST /api/v1/sessions", answer(http.StatusOK, people.login))
	routes.Handle("GET /api/v1/gigs", answer(http.StatusOK, work.list))
	routes.Handle("POST /api/v1/gigs", answer(http.StatusCreated, work.add))
	routes.Handle("GET /api/v1/gigs/{id}", answer(http.StatusOK, work.find))
	routes.Handle("POST /api/v1/gigs/{id}/applications", answer(http.StatusAccepted, work.apply))
	server := &http.Server{Addr: ":" + cmp.Or(os.Getenv("PORT"), "8080"), Handler: routes, ReadHeaderTimeout: grace}
	go func() {
		<-ctx.Done()
		late, cancel := context.WithTimeout(context.Background(), grace)
		defer cancel()
		_ = server.Shutdown(late)
	}()
	log.Printf("listening on %s", server.Addr)
	if err := server.ListenAndServe(); err != http.ErrServerClosed {
		log.Fatal(err)
	}
}

func health(context.Context, request) (any, error) {
	pod, err := os.Hostname()
	return map[string]string{"status": "ok", "version": os.Getenv("VERSION"), "pod": pod, "language": "Go"}, err
}
