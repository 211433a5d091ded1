package main

import (
	"crypto/hmac"
	"crypto/pbkdf2"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
)

// scramRounds and scramSalt are what PostgreSQL itself takes (https://www.postgresql.org/docs/16/runtime-config-connection.html#GUC-SCRAM-ITERATIONS,
// https://www.postgresql.org/docs/16/catalog-pg-authid.html).
const (
	scramRounds = 4096
	scramSalt   = 16
)

// scramVerifier is what the database keeps of a password (RFC 5802, RFC 7677), in the form in which it takes one: with it a password can be
// verified and not found. The password is ASCII, which SASLprep leaves as it is.
func scramVerifier(password string) (string, error) {
	salt := make([]byte, scramSalt)
	if _, err := rand.Read(salt); err != nil {
		return "", err
	}
	return scramWith(password, salt)
}

func scramWith(password string, salt []byte) (string, error) {
	salted, err := pbkdf2.Key(sha256.New, password, salt, scramRounds, sha256.Size)
	if err != nil {
		return "", err
	}
	storedKey := sha256.Sum256(keyed(salted, "Client Key"))
	encode := base64.StdEncoding.EncodeToString
	return fmt.Sprintf("SCRAM-SHA-256$%d:%s$%s:%s", scramRounds, encode(salt), encode(storedKey[:]), encode(keyed(salted, "Server Key"))), nil
}

func keyed(key []byte, text string) []byte {
	code := hmac.New(sha256.New, key)
	code.Write([]byte(text))
	return code.Sum(nil)
}
