package main

import (
	"context"
	"errors"
	"net/http"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
)

// gigs are small jobs; an application to one is added to the queue, from which the worker takes it.
type gigs struct {
	database *pgxpool.Pool
	queue    *queue
}

// gig has its numbers as texts, as the twin in Node.js has them.
type gig struct {
	ID     string `db:"id" json:"id"`
	Title  string `db:"title" json:"title"`
	Reward string `db:"reward" json:"reward"`
}

type application struct {
	Name  string `db:"name" json:"name"`
	Pitch string `db:"pitch" json:"pitch"`
	Score *int   `db:"score" json:"score"`
}

type detailed struct {
	gig
	Applications []application `json:"applications"`
}

const columns = "id::text, title, reward::text"

func (g gigs) list(ctx context.Context, _ request) (any, error) {
	rows, err := g.database.Query(ctx, "select "+columns+" from gigs order by gigs.id")
	if err != nil {
		return nil, err
	}
	found, err := pgx.CollectRows(rows, pgx.RowToStructByName[gig])
	if found == nil {
		found = []gig{}
	}
	return found, err
}

func (g gigs) add(ctx context.Context, r request) (any, error) {
	title := r.text("title")
	reward, _ := r.body["reward"].(float64)
	if title == "" || !(reward > 0) {
		return nil, refuse(http.StatusBadRequest, "a gig needs a title and a reward above 0")
	}
	insert := "insert into gigs (title, reward) values ($1, $2::float8) returning " + columns
	rows, err := g.database.Query(ctx, insert, title, reward)
	if err != nil {
		return nil, err
	}
	return pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[gig])
}

func (g gigs) one(ctx context.Context, id string) (gig, error) {
	rows, err := g.database.Query(ctx, "select "+columns+" from gigs where id::text = $1", id)
	if err != nil {
		return gig{}, err
	}
	found, err := pgx.CollectExactlyOneRow(rows, pgx.RowToStructByName[gig])
	if errors.Is(err, pgx.ErrNoRows) {
		err = refuse(http.StatusNotFound, "there is no gig %s", id)
	}
	return found, err
}

func (g gigs) find(ctx context.Context, r request) (any, error) {
	found, err := g.one(ctx, r.id)
	if err != nil {
		return nil, err
	}
	rows, err := g.database.Query(ctx, "select name, pitch, score from applications where gig::text = $1 order by id", r.id)
	if err != nil {
		return nil, err
	}
	all, err := pgx.CollectRows(rows, pgx.RowToStructByName[application])
	if all == nil {
		all = []application{}
	}
	return detailed{found, all}, err
}

func (g gigs) apply(ctx context.Context, r request) (any, error) {
	name, pitch := r.text("name"), r.text("pitch")
	if name == "" || pitch == "" {
		return nil, refuse(http.StatusBadRequest, "an application needs a name and a pitch")
	}
	if _, err := g.one(ctx, r.id); err != nil {
		return nil, err
	}
	var id string
	insert := "insert into applications (gig, name, pitch) values ($1::text::bigint, $2, $3) returning id::text"
	if err := g.database.QueryRow(ctx, insert, r.id, name, pitch).Scan(&id); err != nil {
		return nil, err
	}
	return map[string]string{"id": id, "status": "waits for its score"}, g.queue.add(ctx, id)
}
