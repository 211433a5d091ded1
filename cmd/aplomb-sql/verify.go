package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"strconv"

	"github.com/aws/aws-sdk-go-v2/config"
	static "github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/feature/rds/auth"
	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/pgtype"

	"github.com/aplomb-iac/aplomb/internal/dbusers"
)

// signToken makes the token that RDS takes for 15 minutes (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html)
// out of the credentials and the Region that Lambda puts into the environment. Nobody is asked for it.
func signToken(ctx context.Context, host string, port int, user string) (string, error) {
	environment, err := config.NewEnvConfig()
	if err != nil {
		return "", err
	}
	if !environment.Credentials.HasKeys() || environment.Region == "" {
		return "", errors.New("the environment has no credentials or no Region to sign a token with, which Lambda puts there")
	}
	return auth.BuildAuthToken(ctx, net.JoinHostPort(host, strconv.Itoa(port)), environment.Region, user,
		static.StaticCredentialsProvider{Value: environment.Credentials})
}

// verify looks into a database that was restored. It needs no secret, and speaks with nobody but the database.
func (j *job) verify(ctx context.Context) (*answer, error) {
	token, err := j.token(ctx, j.host, j.port, dbusers.VerifyUser)
	if err != nil {
		return nil, err
	}
	j.kept.add(token)
	connection, err := j.connect(ctx, login{dbusers.VerifyUser, token})
	if refusedLogin(err) {
		return nil, fmt.Errorf("%w; the function's role needs rds-db:connect on %s/%s, and the database that user from before the backup was taken",
			err, j.resource(), dbusers.VerifyUser)
	}
	if err != nil {
		return nil, err
	}
	defer end(connection)
	transaction, err := connection.BeginTx(ctx, pgx.TxOptions{AccessMode: pgx.ReadOnly})
	if err != nil {
		return nil, err
	}
	defer transaction.Rollback(ctx) //nolint:errcheck // nothing was written
	within, cancel := j.within(ctx)
	defer cancel()
	if err := judge(within, transaction, j.check); err != nil {
		return nil, fmt.Errorf("the check was not met: %w", explained(within, err))
	}
	return &answer{Server: serverOf(connection)}, nil
}

// resource is what a policy calls the database.
func (j *job) resource() string {
	if j.resourceID == "" {
		return "dbuser:RESOURCE-ID"
	}
	return "dbuser:" + j.resourceID
}

// judge requires one row with one boolean, true, and says what was seen otherwise.
func judge(ctx context.Context, on pgx.Tx, check string) error {
	rows, err := on.Query(ctx, check)
	if err != nil {
		return err
	}
	defer rows.Close()
	if problem := shape(rows.FieldDescriptions()); problem != nil {
		// A statement that failed has no columns either, and says why when it is closed.
		rows.Close()
		if err := rows.Err(); err != nil {
			return err
		}
		return problem
	}
	var seen []*bool
	for rows.Next() && len(seen) < 2 {
		var held *bool
		if err := rows.Scan(&held); err != nil {
			return err
		}
		seen = append(seen, held)
	}
	rows.Close()
	switch {
	case rows.Err() != nil:
		return rows.Err()
	case len(seen) == 0:
		return errors.New("it answered with no row where one is due")
	case len(seen) > 1:
		return errors.New("it answered with more than one row")
	case seen[0] == nil:
		return errors.New("it answered null")
	case !*seen[0]:
		return errors.New("it answered false")
	default:
		return nil
	}
}

func shape(columns []pgconn.FieldDescription) error {
	switch {
	case len(columns) != 1:
		return fmt.Errorf("it answered with %d columns where one boolean is due", len(columns))
	case columns[0].DataTypeOID != pgtype.BoolOID:
		return fmt.Errorf("its answer is no boolean but of type %s", typeName(columns[0].DataTypeOID))
	default:
		return nil
	}
}

func typeName(oid uint32) string {
	if known, found := pgtype.NewMap().TypeForOID(oid); found {
		return known.Name
	}
	return fmt.Sprintf("%d", oid)
}
