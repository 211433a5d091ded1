// Layer: rules (pure).
package main

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestTheVerifierIsThatOfTheStandard takes the example of RFC 7677, section 3: the server's signature there is made with the server key.
func TestTheVerifierIsThatOfTheStandard(t *testing.T) {
	salt, err := base64.StdEncoding.DecodeString("W22ZaJ0SNY7soEsUEjb6gQ==")
	require.NoError(t, err)
	verifier, err := scramWith("pencil", salt)
	require.NoError(t, err)
	keys, known := strings.CutPrefix(verifier, "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$")
	require.True(t, known, verifier)
	stored, server, found := strings.Cut(keys, ":")
	require.True(t, found)
	serverKey, err := base64.StdEncoding.DecodeString(server)
	require.NoError(t, err)
	const exchange = "n=user,r=rOprNGfwEbeRWgbNEkqO,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0,s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096," +
		"c=biws,r=rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
	require.Equal(t, "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=", base64.StdEncoding.EncodeToString(keyed(serverKey, exchange)))
	// The client's proof of the example, with its signature taken out, is the client key, whose hash is stored.
	proof, err := base64.StdEncoding.DecodeString("dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=")
	require.NoError(t, err)
	storedKey, err := base64.StdEncoding.DecodeString(stored)
	require.NoError(t, err)
	signature := hmac.New(sha256.New, storedKey)
	signature.Write([]byte(exchange))
	for at, each := range signature.Sum(nil) {
		proof[at] ^= each
	}
	hashed := sha256.Sum256(proof)
	require.Equal(t, storedKey, hashed[:])
}

func TestNoTwoVerifiersAreTheSame(t *testing.T) {
	first, err := scramVerifier("x")
	require.NoError(t, err)
	second, err := scramVerifier("x")
	require.NoError(t, err)
	require.NotEqual(t, first, second)
	require.NotContains(t, first, "'")
}
