// Layer: host (the real compiler, and a registry in memory). What the images hold, that they are always the same, and where they go.
package main

import (
	"archive/tar"
	"bytes"
	"context"
	"debug/buildinfo"
	"debug/elf"
	"errors"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"
	"github.com/google/go-containerregistry/pkg/v1/types"
	"github.com/google/go-containerregistry/pkg/v1/validate"
	"github.com/stretchr/testify/require"
)

// builtProbe and builtSQL are the images of the sources as they are, compiled once.
var (
	builtProbe = sync.OnceValues(func() ([]platformImage, error) { return build(context.Background(), probe(), "../..") })
	builtSQL   = sync.OnceValues(func() ([]platformImage, error) {
		return build(context.Background(), sql([]byte("certificates\n")), "../..")
	})
)

// made is a product with its images.
type made struct {
	product
	images []platformImage
}

func everything(t *testing.T) []made {
	t.Helper()
	probes, err := builtProbe()
	require.NoError(t, err)
	runners, err := builtSQL()
	require.NoError(t, err)
	return []made{{probe(), probes}, {sql([]byte("certificates\n")), runners}}
}

// artifacts is what of a product has a digest.
func (m made) artifacts(t *testing.T) []artifact {
	t.Helper()
	all, err := artifactsOf(m.product, m.images)
	require.NoError(t, err)
	return all
}

func (m made) digests(t *testing.T) []string {
	t.Helper()
	var all []string
	for _, each := range m.artifacts(t) {
		all = append(all, each.digest.String())
	}
	return all
}

func TestTheSameSourcesMakeTheSameImageInAnyFolderAndEnvironment(t *testing.T) {
	here := everything(t)
	elsewhere := t.TempDir()
	for _, part := range []string{"cmd/aplomb-probe", "cmd/aplomb-sql", "internal/check", "internal/dbusers"} {
		require.NoError(t, os.CopyFS(filepath.Join(elsewhere, part), os.DirFS(filepath.Join("../..", part))))
	}
	for _, file := range []string{"go.mod", "go.sum"} {
		text, err := os.ReadFile(filepath.Join("../..", file))
		require.NoError(t, err)
		require.NoError(t, os.WriteFile(filepath.Join(elsewhere, file), text, 0o600))
	}
	for variable, value := range map[string]string{"GOFLAGS": "-tags=netgo", "GOAMD64": "v3", "GOARM64": "v8.2", "GOEXPERIMENT": "jsonv2", "CGO_ENABLED": "1", "GOOS": "darwin"} {
		t.Setenv(variable, value)
	}
	for _, each := range here {
		images, err := build(t.Context(), each.product, elsewhere)
		require.NoError(t, err)
		require.Equal(t, each.digests(t), made{each.product, images}.digests(t), each.label)
	}
}

func TestEachImageHoldsOneStaticBinaryAndWhatItNeeds(t *testing.T) {
	for _, each := range everything(t) {
		require.Len(t, each.images, 2)
		for at, machine := range []elf.Machine{elf.EM_X86_64, elf.EM_AARCH64} {
			image := each.images[at].image
			require.Equal(t, architectures[at], each.images[at].architecture)
			kind, err := image.MediaType()
			require.NoError(t, err)
			require.Equal(t, types.OCIManifestSchema1, kind)
			config, err := image.ConfigFile()
			require.NoError(t, err)
			require.Equal(t, architectures[at], config.Architecture)
			require.Equal(t, "linux", config.OS)
			require.Equal(t, []string{"/" + each.binary}, config.Config.Entrypoint)
			require.True(t, config.Created.Equal(epoch))
			require.Len(t, config.History, 1)
			require.Equal(t, each.history, config.History[0].CreatedBy)

			held := filesOf(t, image)
			binary := held[each.binary]
			delete(held, each.binary)
			require.Equal(t, each.files, emptyAsNil(held))
			checkStatic(t, binary, machine)
			if runtime.GOOS == "linux" && runtime.GOARCH == architectures[at] {
				require.Contains(t, output(t, binary, "--version"), each.binary+" devel ("+runtime.Version()+", linux/"+runtime.GOARCH+")")
			}
		}
	}
}

func emptyAsNil(files map[string][]byte) map[string][]byte {
	if len(files) == 0 {
		return nil
	}
	return files
}

// filesOf is what is in the one layer. Folders come before what is in them, everybody can read everything, and the archive ends as the format
// says, with two blocks of zeros: not every program reads one that is cut off.
func filesOf(t *testing.T, image v1.Image) map[string][]byte {
	t.Helper()
	layers, err := image.Layers()
	require.NoError(t, err)
	require.Len(t, layers, 1)
	kind, err := layers[0].MediaType()
	require.NoError(t, err)
	require.Equal(t, types.OCILayer, kind)
	contents, err := layers[0].Uncompressed()
	require.NoError(t, err)
	whole, err := io.ReadAll(contents)
	require.NoError(t, err)
	const block = 512
	require.Zero(t, len(whole)%block)
	require.Equal(t, make([]byte, 2*block), whole[len(whole)-2*block:])

	files, folders := map[string][]byte{}, map[string]bool{".": true}
	archive := tar.NewReader(bytes.NewReader(whole))
	for {
		header, err := archive.Next()
		if errors.Is(err, io.EOF) {
			return files
		}
		require.NoError(t, err)
		require.True(t, folders[path.Dir(strings.TrimSuffix(header.Name, "/"))], header.Name)
		require.Zero(t, header.Uid+header.Gid)
		require.Empty(t, header.Uname+header.Gname)
		require.True(t, header.ModTime.Equal(epoch))
		switch header.Typeflag {
		case tar.TypeDir:
			require.Equal(t, int64(0o755), header.Mode)
			folders[strings.TrimSuffix(header.Name, "/")] = true
		case tar.TypeReg:
			mode := int64(0o644)
			if path.Dir(header.Name) == "." {
				mode = 0o755
			}
			require.Equal(t, mode, header.Mode)
			files[header.Name], err = io.ReadAll(archive)
			require.NoError(t, err)
		default:
			t.Fatalf("%s is neither a file nor a folder", header.Name)
		}
	}
}

// TestTheProbeIsOneIndexAndTheRunnerAnImageForEachArchitecture holds because hosts pull what fits them, and Lambda takes no index.
func TestTheProbeIsOneIndexAndTheRunnerAnImageForEachArchitecture(t *testing.T) {
	all := everything(t)
	index, err := indexOf(all[0].images)
	require.NoError(t, err)
	manifest, err := index.IndexManifest()
	require.NoError(t, err)
	require.Equal(t, types.OCIImageIndex, manifest.MediaType)
	require.Len(t, manifest.Manifests, 2)
	for at, architecture := range architectures {
		require.Equal(t, "linux/"+architecture, manifest.Manifests[at].Platform.String())
	}
	require.Len(t, all[0].artifacts(t), 1)

	apart := all[1].artifacts(t)
	require.Len(t, apart, 2)
	require.Equal(t, []string{"x86_64", "arm64"}, []string{apart[0].platform, apart[1].platform})
	for at, each := range apart {
		digest, err := all[1].images[at].image.Digest()
		require.NoError(t, err)
		require.Equal(t, digest, each.digest)
		require.Equal(t, each.platform+" here", each.line("here"))
	}
}

func TestOtherCertificatesMakeAnotherImage(t *testing.T) {
	runner := everything(t)[1]
	other := sql([]byte("others\n"))
	image, err := imageOf(other, "amd64", filesOf(t, runner.images[0].image)[runner.binary])
	require.NoError(t, err)
	digest, err := image.Digest()
	require.NoError(t, err)
	require.NotEqual(t, runner.digests(t)[0], digest.String())
}

// checkStatic holds that the binary needs no library, and that nothing in it tells where it comes from.
func checkStatic(t *testing.T, binary []byte, machine elf.Machine) {
	t.Helper()
	file, err := elf.NewFile(bytes.NewReader(binary))
	require.NoError(t, err)
	require.Equal(t, machine, file.Machine)
	require.Equal(t, elf.ET_EXEC, file.Type)
	for _, segment := range file.Progs {
		require.NotEqual(t, elf.PT_INTERP, segment.Type)
		require.NotEqual(t, elf.PT_DYNAMIC, segment.Type)
	}
	info, err := buildinfo.Read(bytes.NewReader(binary))
	require.NoError(t, err)
	for _, setting := range info.Settings {
		require.False(t, strings.HasPrefix(setting.Key, "vcs"), setting.Key)
	}
	home, err := filepath.Abs("../..")
	require.NoError(t, err)
	require.NotContains(t, string(binary), home)
}

func output(t *testing.T, binary []byte, args ...string) string {
	t.Helper()
	file := filepath.Join(t.TempDir(), "binary")
	require.NoError(t, os.WriteFile(file, binary, 0o700))
	text, err := exec.Command(file, args...).CombinedOutput()
	require.NoError(t, err)
	return string(text)
}

func TestALayoutIsReplacedAndNothingElseIs(t *testing.T) {
	for _, each := range everything(t) {
		into := filepath.Join(t.TempDir(), "image")
		for range 2 {
			require.NoError(t, writeLayout(into, each.artifacts(t)))
		}
		read, err := layout.ImageIndexFromPath(into)
		require.NoError(t, err)
		require.NoError(t, validate.Index(read))
		manifest, err := read.IndexManifest()
		require.NoError(t, err)
		var written []string
		for _, entry := range manifest.Manifests {
			written = append(written, entry.Digest.String())
		}
		require.Equal(t, each.digests(t), written)

		other := t.TempDir()
		require.ErrorContains(t, writeLayout(other, each.artifacts(t)), "is no OCI image layout: name another folder")
		require.DirExists(t, other)
	}
}

func TestWhatIsPushedIsWhatWasBuiltAndPushingAgainChangesNothing(t *testing.T) {
	// Of the probe two images and their index are written, of the runner two images and no index.
	for at, writesDue := range []int{3, 2} {
		each := everything(t)[at]
		var writes int
		inMemory := registry.New(registry.Logger(log.New(io.Discard, "", 0)))
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.Method == http.MethodPut && strings.Contains(r.URL.Path, "/manifests/") {
				writes++
			}
			inMemory.ServeHTTP(w, r)
		}))
		repository, err := parseRepository(strings.TrimPrefix(server.URL, "http://")+"/"+each.repository, each.product)
		require.NoError(t, err)
		for _, built := range each.artifacts(t) {
			var notes strings.Builder
			pushed, err := pushTo(t.Context(), each.product, *repository, built, &notes)
			require.NoError(t, err)
			require.Equal(t, repository.String()+"@"+built.digest.String(), pushed)
			require.Equal(t, each.label+": pushed as "+repository.String()+":"+built.digest.Hex[:12]+"\n", notes.String())

			reference, err := name.NewDigest(pushed)
			require.NoError(t, err)
			pulled, err := remote.Get(reference)
			require.NoError(t, err)
			require.Equal(t, built.digest, pulled.Digest)
			require.Equal(t, each.apart, pulled.MediaType == types.OCIManifestSchema1, "what Lambda takes is an image")
			if each.apart {
				image, err := pulled.Image()
				require.NoError(t, err)
				require.NoError(t, validate.Image(image))
			} else {
				index, err := pulled.ImageIndex()
				require.NoError(t, err)
				require.NoError(t, validate.Index(index))
			}
		}
		require.Equal(t, writesDue, writes)
		for _, built := range each.artifacts(t) {
			var notes strings.Builder
			_, err := pushTo(t.Context(), each.product, *repository, built, &notes)
			require.NoError(t, err)
			require.Equal(t, each.label+": the repository has it already\n", notes.String())
		}
		require.Equal(t, writesDue, writes)
		server.Close()
	}
}

func TestARefusedPushSaysWhatIsMissing(t *testing.T) {
	each := everything(t)[0]
	for status, hint := range map[int]string{
		http.StatusUnauthorized: "\nlog in first: aws ecr get-login-password --region ",
		http.StatusForbidden:    "\nlog in first: aws ecr get-login-password --region ",
		http.StatusNotFound:     "\nthe repository may be missing: aws ecr create-repository --region REGION --repository-name aplomb/probe",
	} {
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if r.URL.Path != "/v2/" {
				w.WriteHeader(status)
			}
		}))
		repository, err := parseRepository(strings.TrimPrefix(server.URL, "http://")+"/aplomb/probe", each.product)
		require.NoError(t, err)
		_, err = pushTo(t.Context(), each.product, *repository, each.artifacts(t)[0], io.Discard)
		require.ErrorContains(t, err, hint)
		server.Close()
	}
}

func TestTheHintNamesTheRegionOfARegistry(t *testing.T) {
	repository, err := parseRepository("210987654321.dkr.ecr.eu-central-1.amazonaws.com/aplomb/probe", probe())
	require.NoError(t, err)
	refused := hinting(*repository, &transport.Error{StatusCode: http.StatusUnauthorized})
	require.ErrorContains(t, refused, "--region eu-central-1 | docker login --username AWS --password-stdin 210987654321.dkr.ecr.eu-central-1.amazonaws.com")
}

func TestARepositoryWithATagIsRefused(t *testing.T) {
	for _, text := range []string{"registry.example/aplomb/probe:latest", "registry.example/aplomb/probe@sha256:aa", "Aplomb", "probe"} {
		_, err := parseRepository(text, probe())
		require.ErrorContains(t, err, "is no repository without a tag", text)
	}
	repository, err := parseRepository("", probe())
	require.NoError(t, err)
	require.Nil(t, repository)
}

func TestBadFlagsAreRefusedBeforeAnythingIsCompiled(t *testing.T) {
	for _, each := range []struct {
		want string
		args []string
	}{
		{"say which image: probe or sql", nil},
		{`"all" is no image: say probe or sql`, []string{"all"}},
		{`"--out" is no image`, []string{"--out", "x"}},
		{"--out is missing", []string{"probe"}},
		{"--out is missing", []string{"sql"}},
		{`"y" is no flag`, []string{"probe", "--out", "x", "y"}},
		{"flag provided but not defined: -bundle", []string{"probe", "--out", "x", "--bundle", "y"}},
	} {
		require.ErrorContains(t, run(t.Context(), each.args, io.Discard, io.Discard), each.want)
	}
	if runtime.Version() != toolchain {
		require.ErrorContains(t, run(t.Context(), []string{"probe", "--out", "x"}, io.Discard, io.Discard), "makes another image than "+toolchain)
		return
	}
	require.ErrorContains(t, run(t.Context(), []string{"probe", "--out", "x", "--push", "a:b"}, io.Discard, io.Discard), "--push")
	require.ErrorContains(t, run(t.Context(), []string{"sql", "--out", "x"}, io.Discard, io.Discard), "--bundle is missing: download "+bundleSource)
	require.ErrorIs(t, run(t.Context(), []string{"sql", "--out", "x", "--bundle", "missing"}, io.Discard, io.Discard), os.ErrNotExist)
}

func TestSourcesThatDoNotCompileAreShown(t *testing.T) {
	_, err := build(t.Context(), probe(), t.TempDir())
	var failed *exec.ExitError
	require.True(t, errors.As(err, &failed))
	require.ErrorContains(t, err, "compiling aplomb-probe for amd64")
}
