// Layer: rules (pure). Which files are taken for the certificates of RDS's authorities.
package main

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

func certificate(t testing.TB, authority bool) []byte {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "of a test"}, NotAfter: time.Now().Add(time.Hour),
		IsCA: authority, BasicConstraintsValid: true}
	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	require.NoError(t, err)
	return pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
}

func TestABundleIsCertificatesOfAuthoritiesAndNothingElse(t *testing.T) {
	good := certificate(t, true)
	join := func(parts ...[]byte) []byte { return bytes.Join(parts, nil) }
	for _, text := range [][]byte{good, join(good, good), join([]byte("\n\n"), good, []byte("\r\n\n"), good, []byte("\n"))} {
		require.NoError(t, checkBundle(text))
	}
	for want, text := range map[string][]byte{
		"there is no certificate in it":                   nil,
		"there is no certificate in it ":                  []byte("<html>404</html>"),
		"there is something else than certificates in it": join(good, []byte("<html>404</html>")),
		"there is something else than certificates in":    join(good, []byte("x\n"), good),
		"what comes after certificate 1 is no PEM":        join(good, good[:len(good)/2]),
		"block 2 is a PRIVATE KEY, no CERTIFICATE":        join(good, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: []byte("x")})),
		"certificate 1 cannot be read":                    pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: []byte("x")}),
		"certificate 2, of CN=of a test, is not an":       join(good, certificate(t, false)),
	} {
		require.ErrorContains(t, checkBundle(text), string(bytes.TrimSpace([]byte(want))), "%s", text)
	}
}

func TestTheBundleComesIntoTheImageAsItIs(t *testing.T) {
	file := filepath.Join(t.TempDir(), "bundle.pem")
	text := certificate(t, true)
	require.NoError(t, os.WriteFile(file, text, 0o600))
	read, err := sqlOf(file)
	require.NoError(t, err)
	require.Equal(t, map[string][]byte{"etc/ssl/certs/rds-global-bundle.pem": text}, read.files)
	require.NoError(t, os.WriteFile(file, []byte("<html>"), 0o600))
	_, err = sqlOf(file)
	require.ErrorContains(t, err, "there is no certificate in it; download it from "+bundleSource)
}

func FuzzABundleThatIsTakenHoldsCertificates(f *testing.F) {
	f.Add(certificate(f, true))
	f.Add([]byte("-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n"))
	f.Add([]byte(""))
	f.Fuzz(func(t *testing.T, text []byte) {
		if checkBundle(text) == nil {
			require.True(t, x509.NewCertPool().AppendCertsFromPEM(text))
		}
	})
}
