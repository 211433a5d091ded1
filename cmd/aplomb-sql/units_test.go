// Layer: rules (pure). What needs no database.
package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"math/big"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func anotherAuthority(t *testing.T) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(9), NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true}
	certificate, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate})
}

func TestATokenIsSignedFromTheEnvironmentAlone(t *testing.T) {
	for variable, value := range map[string]string{
		"AWS_ACCESS_KEY_ID": "AKIDEXAMPLE", "AWS_SECRET_ACCESS_KEY": "hidden", "AWS_SESSION_TOKEN": "session", "AWS_REGION": "eu-central-1",
		// Whoever asked somewhere for credentials or a Region would not get any.
		"AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:1", "AWS_EC2_METADATA_SERVICE_ENDPOINT": "http://127.0.0.1:1",
		"HTTPS_PROXY": "http://127.0.0.1:1", "HTTP_PROXY": "http://127.0.0.1:1",
	} {
		t.Setenv(variable, value)
	}
	token, err := signToken(t.Context(), hostName, 5432, "aplomb_verify")
	require.NoError(t, err)
	require.True(t, strings.HasPrefix(token, hostName+":5432?"), token)
	_, query, _ := strings.Cut(token, "?")
	values, err := url.ParseQuery(query)
	require.NoError(t, err)
	require.Equal(t, "connect", values.Get("Action"))
	require.Equal(t, "aplomb_verify", values.Get("DBUser"))
	require.Equal(t, "900", values.Get("X-Amz-Expires"))
	require.Equal(t, "session", values.Get("X-Amz-Security-Token"))
	require.Regexp(t, `^AKIDEXAMPLE/[0-9]{8}/eu-central-1/rds-db/aws4_request$`, values.Get("X-Amz-Credential"))
	require.NotContains(t, token, "hidden")
}

func TestWithoutCredentialsOrRegionNoTokenIsSigned(t *testing.T) {
	for _, variable := range []string{"AWS_ACCESS_KEY_ID", "AWS_ACCESS_KEY", "AWS_SECRET_ACCESS_KEY", "AWS_SECRET_KEY", "AWS_REGION", "AWS_DEFAULT_REGION"} {
		t.Setenv(variable, "")
	}
	_, err := signToken(t.Context(), hostName, 5432, "aplomb_verify")
	require.ErrorContains(t, err, "no credentials or no Region")
	t.Setenv("AWS_REGION", "eu-central-1")
	_, err = signToken(t.Context(), hostName, 5432, "aplomb_verify")
	require.ErrorContains(t, err, "no credentials or no Region")
}

func TestACredentialIsTakenOutOfAnError(t *testing.T) {
	kept := &confidential{}
	kept.add("")
	plain := errors.New("nothing to hide")
	require.Same(t, plain, kept.without(plain))
	kept.add("hunter2")
	kept.add("swordfish")
	require.EqualError(t, kept.without(errors.New("FATAL: hunter2 is not swordfish, hunter2")), "FATAL: [credential] is not [credential], [credential]")
}

func TestTheProgramIsForLambdaAlone(t *testing.T) {
	var out, err strings.Builder
	none := func(string) string { return "" }
	require.Equal(t, exitInput, run(nil, none, &out, &err))
	require.Contains(t, err.String(), "started by Lambda, not by hand")
	require.Empty(t, out.String())
	require.Equal(t, exitInput, run([]string{"make-user"}, none, &out, &err))
	require.Equal(t, exitOK, run([]string{"--version"}, none, &out, &err))
	require.Regexp(t, `^aplomb-sql \S+ \(go1\.[0-9.]+, [a-z]+/[a-z0-9]+\)\n$`, out.String())
	out.Reset()
	require.Equal(t, exitOK, run([]string{"--help"}, none, &out, &err))
	require.Contains(t, out.String(), "docs/database-users.md")
}
