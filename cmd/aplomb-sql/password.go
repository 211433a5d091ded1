package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
)

// makePassword sees to it that the user logs in with the password in its secret, which RDS Proxy reads. When the one that is there works, nothing
// changes. The database is told no password, only what it needs to verify one: neither the statement nor a log of it gives one away.
//
// The new password is in the secret before the database takes it, in one transaction: when anything fails, the stored one does not work, or the old
// one still does, and running it again settles either.
func (j *job) makePassword(ctx context.Context) (*answer, error) {
	connection, err := j.master(ctx)
	if err != nil {
		return nil, err
	}
	defer end(connection)
	result := &answer{Server: serverOf(connection), Changed: new(bool)}
	token, err := j.tokenUser(ctx, connection)
	if err != nil {
		return nil, err
	}
	works, err := j.storedWorks(ctx)
	if err != nil {
		return nil, err
	}
	if works && !token {
		return result, nil
	}
	// 52 letters and digits, of 260 random bits.
	fresh := login{j.user, rand.Text() + rand.Text()}
	j.kept.add(fresh.password)
	if err := j.replace(ctx, connection, fresh); err != nil {
		return nil, err
	}
	again, err := j.connect(ctx, fresh)
	if err != nil {
		return nil, fmt.Errorf("the new password is set and does not work: %w", err)
	}
	end(again)
	*result.Changed = true
	return result, nil
}

// storedWorks logs in with what is stored. A server that was not reached says nothing about a password, and is an error.
func (j *job) storedWorks(ctx context.Context) (bool, error) {
	found, ok, err := j.stored(ctx, j.userSecretARN)
	if err != nil || !ok || found.user != j.user {
		return false, err
	}
	connection, err := j.connect(ctx, found)
	if refusedLogin(err) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("whether the stored password works could not be found out: %w", err)
	}
	end(connection)
	return true, nil
}

// tokenUser says whether the user is a member of rds_iam, and with that cannot log in by password
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/database-authentication.html).
func (j *job) tokenUser(ctx context.Context, connection *pgx.Conn) (bool, error) {
	ctx, cancel := j.within(ctx)
	defer cancel()
	var member bool
	err := connection.QueryRow(ctx, "SELECT pg_catalog.pg_has_role(oid, 'rds_iam', 'MEMBER') FROM pg_catalog.pg_roles WHERE rolname = $1", j.user).Scan(&member)
	if errors.Is(err, pgx.ErrNoRows) {
		return false, fmt.Errorf("there is no user %s: make it first, with %s", j.user, makeUser)
	}
	return member, explained(ctx, err)
}

// sameLock is the lock of dbusers: users are not made meanwhile, and two passwords not at once.
const sameLock = "SELECT pg_catalog.pg_advisory_xact_lock(4706928137)"

func (j *job) replace(ctx context.Context, connection *pgx.Conn, fresh login) error {
	verifier, err := scramVerifier(fresh.password)
	if err != nil {
		return err
	}
	value, err := json.Marshal(credentials{fresh.user, fresh.password})
	if err != nil {
		return err
	}
	transaction, err := connection.Begin(ctx)
	if err != nil {
		return err
	}
	defer transaction.Rollback(ctx) //nolint:errcheck // after a commit there is nothing to take back, and without one the connection ends
	name := pgx.Identifier{fresh.user}.Sanitize()
	for _, statement := range []string{sameLock, "ALTER ROLE " + name + " PASSWORD '" + verifier + "'", "REVOKE rds_iam FROM " + name} {
		if err := j.exec(ctx, transaction, statement); err != nil {
			return fmt.Errorf("setting the password of %s: %w", fresh.user, err)
		}
	}
	if err := j.secrets.write(ctx, j.userSecretARN, string(value)); err != nil {
		return err
	}
	return transaction.Commit(ctx)
}
