package components_test

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// record is a list of requests that several goroutines add to.
type record struct {
	mutex sync.Mutex
	lines []string
	// failures is how many requests fail before the first is answered, refusal the body of the answer to every other, when there is one.
	failures int
	refusal  string
}

// behave changes how requests are answered from now on.
func (r *record) behave(failures int, refusal string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.failures, r.refusal = failures, refusal
}

func (r *record) behavior() (failures int, refusal string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return r.failures, r.refusal
}

func (r *record) add(line string) {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	r.lines = append(r.lines, line)
}

func (r *record) requests() []string {
	r.mutex.Lock()
	defer r.mutex.Unlock()
	return slices.Clone(r.lines)
}

// fakeMetadata is an instance metadata service that gives nothing without a session (IMDSv2); its answers are spaced as EC2's.
type fakeMetadata struct {
	record
	address                   string
	session, secretKey, token string
}

func startMetadata(t *testing.T) *fakeMetadata {
	t.Helper()
	m := &fakeMetadata{session: "AQAEAsession==", secretKey: "wJalr/XUtnFEMI+K7MDENG", token: "IQoJb3JpZ2luX2Vj//+EXAMPLE=="}
	server := httptest.NewServer(m)
	t.Cleanup(server.Close)
	m.address = server.Listener.Addr().String()
	return m
}

func (m *fakeMetadata) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	m.add(r.Method + " " + r.URL.Path)
	failures, _ := m.behavior()
	const credentials = "/latest/meta-data/iam/security-credentials/"
	switch given := r.Header.Get("X-Aws-Ec2-Metadata-Token"); {
	case len(m.requests()) <= failures:
		http.Error(w, "busy", http.StatusServiceUnavailable)
	case r.Method == http.MethodPut && r.URL.Path == "/latest/api/token" && r.Header.Get("X-Aws-Ec2-Metadata-Token-Ttl-Seconds") != "":
		fmt.Fprint(w, m.session)
	case r.Method != http.MethodGet || given != m.session:
		http.Error(w, "no session", http.StatusUnauthorized)
	case r.URL.Path == credentials:
		fmt.Fprint(w, "tickets-role")
	case r.URL.Path == credentials+"tickets-role":
		fmt.Fprintf(w, "{\n  \"Code\" : \"Success\",\n  \"Type\" : \"AWS-HMAC\",\n  \"AccessKeyId\" : \"ASIAEXAMPLE\",\n"+
			"  \"SecretAccessKey\" : %q,\n  \"Token\" : %q,\n  \"Expiration\" : \"2026-11-24T15:09:54Z\"\n}", m.secretKey, m.token)
	default:
		http.NotFound(w, r)
	}
}

// fakeECR is an Amazon ECR that hands out one authorization, to requests with a good signature.
type fakeECR struct {
	record
	port, authority string
	addresses       []string
	authorization   string
}

func startECR(t *testing.T, addresses ...string) *fakeECR {
	t.Helper()
	e := &fakeECR{addresses: addresses, authorization: "QVdTOmV5SnBZWFFpLi4u"}
	certificate, authority := issue(t, "api.ecr.eu-central-1.amazonaws.com")
	e.authority = authority
	server := httptest.NewUnstartedServer(e)
	server.TLS = &tls.Config{Certificates: []tls.Certificate{certificate}}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.StartTLS()
	t.Cleanup(server.Close)
	_, e.port, _ = net.SplitHostPort(server.Listener.Addr().String())
	return e
}

func (e *fakeECR) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	failures, refusal := e.behavior()
	key, problem := checkSignature(r, body, "wJalr/XUtnFEMI+K7MDENG")
	switch {
	case err != nil || problem != "":
		e.add("403 " + problem)
		http.Error(w, problem, http.StatusForbidden)
	case len(e.requests()) < failures:
		e.add("500 signed by " + key)
		http.Error(w, `{"__type":"ServerException"}`, http.StatusInternalServerError)
	case refusal != "":
		e.add("400 signed by " + key)
		http.Error(w, refusal, http.StatusBadRequest)
	default:
		e.add("200 signed by " + key)
		fmt.Fprintf(w, `{"authorizationData":[{"authorizationToken":%q,"expiresAt":1.7E9,"proxyEndpoint":"https://%s.dkr.ecr.eu-central-1.amazonaws.com"}]}`, e.authorization, account)
	}
}

var authorizationSyntax = regexp.MustCompile(`^AWS4-HMAC-SHA256 Credential=([A-Z0-9]+)/([0-9]{8})/([^/]+)/([^/]+)/aws4_request, ?SignedHeaders=([a-z0-9;-]+), ?Signature=([0-9a-f]{64})$`)

// checkSignature computes what the signature must be, from the rules of Signature Version 4
// (https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html).
func checkSignature(r *http.Request, body []byte, secret string) (key, problem string) {
	match := authorizationSyntax.FindStringSubmatch(r.Header.Get("Authorization"))
	if match == nil {
		return "", "MissingAuthenticationToken: " + r.Header.Get("Authorization")
	}
	key, date, region, service, signed := match[1], match[2], match[3], match[4], strings.Split(match[5], ";")
	switch target := r.Header.Get("X-Amz-Target"); {
	case region != "eu-central-1" || service != "ecr":
		return key, "the credential's scope is " + region + "/" + service
	case r.Method != http.MethodPost || target != "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken":
		return key, "UnknownOperationException: " + target
	case !slices.Contains(signed, "x-amz-security-token") || r.Header.Get("X-Amz-Security-Token") != "IQoJb3JpZ2luX2Vj//+EXAMPLE==":
		return key, "InvalidClientTokenId"
	case r.Header.Get("Content-Type") != "application/x-amz-json-1.1" || string(body) != "{}":
		return key, "SerializationException"
	}
	headers := ""
	for _, name := range signed {
		value := r.Header.Get(name)
		if name == "host" {
			value = r.Host
		}
		headers += name + ":" + strings.TrimSpace(value) + "\n"
	}
	canonical := strings.Join([]string{r.Method, "/", "", headers, strings.Join(signed, ";"), hash(body)}, "\n")
	scope := strings.Join([]string{date, region, service, "aws4_request"}, "/")
	toSign := strings.Join([]string{"AWS4-HMAC-SHA256", r.Header.Get("X-Amz-Date"), scope, hash([]byte(canonical))}, "\n")
	signing := []byte("AWS4" + secret)
	for _, part := range []string{date, region, service, "aws4_request", toSign} {
		mac := hmac.New(sha256.New, signing)
		mac.Write([]byte(part))
		signing = mac.Sum(nil)
	}
	if hex.EncodeToString(signing) != match[6] {
		return key, "SignatureDoesNotMatch"
	}
	return key, ""
}

func hash(text []byte) string {
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:])
}

// issue makes a certificate for a name, and the authority that vouches for it.
func issue(t *testing.T, name string) (tls.Certificate, string) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	require.NoError(t, err)
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: name}, DNSNames: []string{name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	require.NoError(t, err)
	var text bytes.Buffer
	require.NoError(t, pem.Encode(&text, &pem.Block{Type: "CERTIFICATE", Bytes: der}))
	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, text.String()
}
