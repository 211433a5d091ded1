package main

import (
	"context"
	"fmt"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
)

// makeUser makes the user, and the one who looks into restored databases: a snapshot that is restored holds its users as well.
func (j *job) makeUser(ctx context.Context) (*answer, error) {
	connection, err := j.master(ctx)
	if err != nil {
		return nil, err
	}
	defer end(connection)
	statement := dbusers.MakeUser
	if j.login == byPassword {
		statement = dbusers.MakePasswordUser
	}
	if j.user != dbusers.VerifyUser { // which is made below, with its settings
		if err := j.exec(ctx, connection, statement(j.user, j.rights, j.database)); err != nil {
			return nil, fmt.Errorf("making user %s: %w", j.user, err)
		}
	}
	if err := j.exec(ctx, connection, dbusers.MakeVerifyUser(j.database)); err != nil {
		return nil, fmt.Errorf("making user %s: %w", dbusers.VerifyUser, err)
	}
	return &answer{Server: serverOf(connection)}, nil
}
