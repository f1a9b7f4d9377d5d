package main

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"net/http"
	"regexp"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	"golang.org/x/crypto/scrypt"
)

var names = regexp.MustCompile(`^[a-z]{2,20}$`)

// accounts have a password, which is kept as a scrypt hash, and tokens signed with the secret.
type accounts struct {
	database *pgxpool.Pool
	secret   string
}

// hashed has the cost that Node.js has by default, so that either twin can check it.
func hashed(password, salt string) (string, error) {
	key, err := scrypt.Key([]byte(password), []byte(salt), 16384, 8, 1, 32)
	return hex.EncodeToString(key), err
}

func (a accounts) register(ctx context.Context, r request) (any, error) {
	name, password := r.text("name"), r.text("password")
	if !names.MatchString(name) || password == "" {
		return nil, refuse(http.StatusBadRequest, "needs a name of a-z and a password")
	}
	random := make([]byte, 16)
	if _, err := rand.Read(random); err != nil {
		return nil, err
	}
	salt := hex.EncodeToString(random)
	hash, err := hashed(password, salt)
	if err != nil {
		return nil, err
	}
	done, err := a.database.Exec(ctx, "insert into accounts values ($1, $2, $3) on conflict do nothing", name, salt, hash)
	if err == nil && done.RowsAffected() == 0 {
		err = refuse(http.StatusConflict, "%s is taken", name)
	}
	return map[string]string{}, err
}

func (a accounts) login(ctx context.Context, r request) (any, error) {
	name := r.text("name")
	var salt, hash string
	err := a.database.QueryRow(ctx, "select salt, hash from accounts where name = $1", name).Scan(&salt, &hash)
	if err != nil && !errors.Is(err, pgx.ErrNoRows) {
		return nil, err
	}
	given, failed := hashed(r.text("password"), salt)
	if err != nil || failed != nil || subtle.ConstantTimeCompare([]byte(given), []byte(hash)) != 1 {
		return nil, refuse(http.StatusUnauthorized, "name or password is wrong")
	}
	mac := hmac.New(sha256.New, []byte(a.secret))
	mac.Write([]byte(name))
	return map[string]string{"token": name + "." + base64.RawURLEncoding.EncodeToString(mac.Sum(nil))}, nil
}
