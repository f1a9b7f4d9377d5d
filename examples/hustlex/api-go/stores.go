package main

import (
	"context"
	"log"
	"time"

	"github.com/jackc/pgx/v5/pgxpool"
	"github.com/redis/go-redis/v9"
)

// schema is that of app/src/database.js. Two pods that start at once must not make the same table twice: the second one waits.
const schema = `
begin;
select pg_advisory_xact_lock(8080);
create table if not exists accounts (name text primary key, salt text not null, hash text not null);
create table if not exists gigs (
  id bigint generated always as identity primary key,
  title text not null,
  reward numeric(10, 2) not null check (reward > 0)
);
create table if not exists applications (
  id bigint generated always as identity primary key,
  gig bigint not null references gigs,
  name text not null,
  pitch text not null,
  score int
);
commit;`

// pause is the time between two attempts.
const pause = 500 * time.Millisecond

// connectDatabase returns a pool that is connected and has its tables; it tries until the database answers.
func connectDatabase(ctx context.Context, url string) (*pgxpool.Pool, error) {
	pool, err := pgxpool.New(ctx, url)
	if err != nil {
		return nil, err
	}
	return pool, tried(ctx, "database", func() error {
		conn, err := pool.Acquire(ctx)
		if err != nil {
			return err
		}
		defer conn.Release()
		// Several statements need the simple protocol.
		_, err = conn.Conn().PgConn().Exec(ctx, schema).ReadAll()
		return err
	})
}

// queue holds the applications that wait for their score.
type queue struct{ *redis.Client }

func connectQueue(ctx context.Context, url string) (*queue, error) {
	options, err := redis.ParseURL(url)
	if err != nil {
		return nil, err
	}
	client := redis.NewClient(options)
	return &queue{client}, tried(ctx, "queue", func() error { return client.Ping(ctx).Err() })
}

func (q *queue) add(ctx context.Context, id string) error {
	return q.LPush(ctx, "applications:waiting", id).Err()
}

func tried(ctx context.Context, what string, attempt func() error) error {
	for {
		err := attempt()
		if err == nil || ctx.Err() != nil {
			return err
		}
		log.Printf("%s: %v", what, err)
		time.Sleep(pause)
	}
}
