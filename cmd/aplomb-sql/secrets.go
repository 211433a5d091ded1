package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager/types"
	"github.com/jackc/pgx/v5"
)

// secretStore is Secrets Manager.
type secretStore interface {
	// read is the current value of a secret; empty when it has none yet.
	read(ctx context.Context, arn string) (string, error)
	write(ctx context.Context, arn, value string) error
}

// secretDeadline is how long one call to Secrets Manager may take, its repetitions included.
const secretDeadline = 10 * time.Second

// secretsManager is the real one. It connects at its first use.
type secretsManager struct{ client *secretsmanager.Client }

func (s *secretsManager) connected(ctx context.Context) (*secretsmanager.Client, error) {
	if s.client == nil {
		settings, err := config.LoadDefaultConfig(ctx)
		if err != nil {
			return nil, err
		}
		s.client = secretsmanager.NewFromConfig(settings)
	}
	return s.client, nil
}

func (s *secretsManager) read(ctx context.Context, arn string) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, secretDeadline)
	defer cancel()
	client, err := s.connected(ctx)
	if err != nil {
		return "", err
	}
	found, err := client.GetSecretValue(ctx, &secretsmanager.GetSecretValueInput{SecretId: aws.String(arn)})
	// A secret without a value and a secret that is not there are one error; of the latter, writing says that it is not there.
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading secret %s: %w", arn, err)
	}
	return aws.ToString(found.SecretString), nil
}

func (s *secretsManager) write(ctx context.Context, arn, value string) error {
	ctx, cancel := context.WithTimeout(ctx, secretDeadline)
	defer cancel()
	client, err := s.connected(ctx)
	if err != nil {
		return err
	}
	if _, err := client.PutSecretValue(ctx, &secretsmanager.PutSecretValueInput{SecretId: aws.String(arn), SecretString: aws.String(value)}); err != nil {
		return fmt.Errorf("writing secret %s: %w", arn, err)
	}
	return nil
}

// credentials is what RDS and RDS Proxy keep in a secret
// (https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-secrets-arns.html).
type credentials struct {
	Username string `json:"username"`
	Password string `json:"password"`
}

// stored is what a secret holds, if it holds credentials.
func (j *job) stored(ctx context.Context, arn string) (login, bool, error) {
	text, err := j.secrets.read(ctx, arn)
	if err != nil {
		return login{}, false, err
	}
	j.kept.add(text)
	found, ok := loginIn(text)
	j.kept.add(found.password)
	return found, ok, nil
}

// loginIn reads the value of a secret. A value of another kind is none at all: what json says of it could repeat it.
func loginIn(text string) (login, bool) {
	var found credentials
	if json.Unmarshal([]byte(text), &found) != nil || found.Username == "" || found.Password == "" {
		return login{}, false
	}
	return login{found.Username, found.Password}, true
}

// master connects as the master user. AWS rotates its password: when the one that was read is refused, it is read once more.
func (j *job) master(ctx context.Context) (*pgx.Conn, error) {
	var tried string
	for {
		found, ok, err := j.stored(ctx, j.secretARN)
		if err != nil {
			return nil, err
		}
		if !ok {
			return nil, fmt.Errorf("secret %s holds no username and password", j.secretARN)
		}
		connection, err := j.connect(ctx, found)
		if err == nil || !refusedLogin(err) || tried == found.password {
			return connection, err
		}
		tried = found.password
	}
}
