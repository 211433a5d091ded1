// Package cloud_test tests the cloud file. It belongs to the layer sandbox.
package cloud_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
	"pgregory.net/rapid"

	"github.com/aplomb-iac/aplomb/sandbox/cloud"
)

// writerEnv makes this test binary a process that writes to the cloud file it names.
const writerEnv = "APLOMB_TEST_CLOUD_WRITER"

func TestMain(m *testing.M) {
	if path := os.Getenv(writerEnv); path != "" {
		if err := writeMany(path, os.Getenv(writerEnv+"_NAME"), 50); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		os.Exit(0)
	}
	goleak.VerifyTestMain(m, goleak.IgnoreTopFunction("github.com/golang/glog.(*fileSink).flushDaemon"))
}

// writeMany creates resources, each by a change of its own, and raises the shared counter with each.
func writeMany(path, name string, count int) error {
	c, err := cloud.Open(path)
	if err != nil {
		return err
	}
	for index := range count {
		err := c.Update(context.Background(), func(tx *cloud.Tx) error {
			shared := *tx.Get(sharedKey)
			before := shared.Outputs["count"].NumberValue()
			shared.Outputs = resource.PropertyMap{"count": resource.NewNumberProperty(before + 1)}
			return errors.Join(tx.Update(shared), tx.Create(thing(name+strconv.Itoa(index))))
		})
		if err != nil {
			return err
		}
	}
	return nil
}

var sharedKey = thing("shared").Key

func thing(id string) cloud.Resource {
	return cloud.Resource{
		Key:    cloud.Key{Account: "123456789012", Region: "eu-central-1", Type: "aws:ec2/vpc:Vpc", ID: id},
		URN:    "urn:pulumi:dev::lab::aws:ec2/vpc:Vpc::" + id,
		Inputs: resource.PropertyMap{"cidrBlock": resource.NewStringProperty("10.0.0.0/16")},
		Outputs: resource.PropertyMap{"cidrBlock": resource.NewStringProperty("10.0.0.0/16"),
			"enableDnsSupport": resource.NewBoolProperty(true), "tags": resource.NewObjectProperty(resource.PropertyMap{"a.b": resource.NewStringProperty("1")})},
	}
}

func open(t testing.TB, path string) *cloud.Cloud {
	t.Helper()
	c, err := cloud.Open(path)
	require.NoError(t, err)
	return c
}

func create(t testing.TB, c *cloud.Cloud, resources ...cloud.Resource) {
	t.Helper()
	require.NoError(t, c.Update(context.Background(), func(tx *cloud.Tx) error {
		for _, r := range resources {
			r.Serial = tx.Serial(r.URN)
			if err := tx.Create(r); err != nil {
				return err
			}
		}
		return nil
	}))
}

func TestWhatIsCreatedOutlivesTheProcess(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	create(t, open(t, path), thing("b"), thing("a"))
	all, err := open(t, path).List()
	require.NoError(t, err)
	require.Equal(t, []cloud.Resource{thing("a"), thing("b")}, all)
	info, err := os.Stat(path)
	require.NoError(t, err)
	require.Equal(t, os.FileMode(0o600), info.Mode().Perm())
}

func TestEverywhereIsEveryAccountAndRegion(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "cloud.json"))
	far, other := thing("b"), thing("c")
	far.Account, far.Region = "999999999999", "us-east-1"
	other.Type = "aws:ec2/subnet:Subnet"
	create(t, c, far, thing("a"), other)
	require.NoError(t, c.View(func(tx *cloud.Tx) error {
		var ids []string
		for _, found := range tx.Everywhere("aws:ec2/vpc:Vpc") {
			ids = append(ids, found.ID)
		}
		require.Equal(t, []string{"a", "b"}, ids)
		return nil
	}))
}

func TestAFailedChangeLeavesNothing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	c := open(t, path)
	create(t, c, thing("a"))
	before, err := os.ReadFile(path)
	require.NoError(t, err)
	failed := c.Update(t.Context(), func(tx *cloud.Tx) error {
		changed := *tx.Get(thing("a").Key)
		changed.Outputs = resource.PropertyMap{}
		if err := errors.Join(tx.Create(thing("b")), tx.Update(changed)); err != nil {
			return err
		}
		tx.Delete(thing("a").Key)
		return errors.New("no")
	})
	require.EqualError(t, failed, "no")
	after, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, string(before), string(after))
	all, err := c.List()
	require.NoError(t, err)
	require.Equal(t, []cloud.Resource{thing("a")}, all)
	require.NoError(t, c.View(func(tx *cloud.Tx) error {
		require.Equal(t, 0, tx.Serial(thing("b").URN))
		return nil
	}))
}

func TestAPanicOfAChangeIsItsErrorOnly(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "cloud.json"))
	require.ErrorContains(t, c.Update(t.Context(), func(*cloud.Tx) error { panic("oh") }), "a defect of the sandbox: oh")
	create(t, c, thing("a"))
}

func TestViewRefusesToChange(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "cloud.json"))
	require.ErrorContains(t, c.View(func(tx *cloud.Tx) error { return tx.Create(thing("a")) }), "a change inside of View")
	all, err := c.List()
	require.NoError(t, err)
	require.Empty(t, all)
}

func TestNoUpdateOfManyGoroutinesAndProcessesIsLost(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	shared := thing("shared")
	shared.Outputs = resource.PropertyMap{"count": resource.NewNumberProperty(0)}
	create(t, open(t, path), shared)
	var writers sync.WaitGroup
	failures := make(chan error, 8)
	for _, name := range []string{"process-one-", "process-two-"} {
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), writerEnv+"="+path, writerEnv+"_NAME="+name)
		writers.Go(func() {
			if output, err := command.CombinedOutput(); err != nil {
				failures <- fmt.Errorf("%w: %s", err, output)
			}
		})
	}
	c := open(t, path)
	for index := range 4 {
		writers.Go(func() {
			for step := range 25 {
				err := c.Edit(context.Background(), sharedKey, func(r *cloud.Resource) error {
					r.Outputs["count"] = resource.NewNumberProperty(r.Outputs["count"].NumberValue() + 1)
					return nil
				})
				if err == nil {
					err = c.Update(context.Background(), func(tx *cloud.Tx) error { return tx.Create(thing(fmt.Sprintf("routine-%d-%d", index, step))) })
				}
				if err != nil {
					failures <- err
					return
				}
			}
		})
	}
	writers.Wait()
	close(failures)
	for err := range failures {
		require.NoError(t, err)
	}
	all, err := c.List()
	require.NoError(t, err)
	require.Len(t, all, 1+2*50+4*25)
	got, err := c.Get(sharedKey)
	require.NoError(t, err)
	require.Equal(t, float64(2*50+4*25), got.Outputs["count"].NumberValue())
}

func TestAProcessThatIsKilledLeavesAWholeFile(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	shared := thing("shared")
	shared.Outputs = resource.PropertyMap{"count": resource.NewNumberProperty(0)}
	c := open(t, path)
	create(t, c, shared)
	for round := range 5 {
		before, err := c.List()
		require.NoError(t, err)
		command := exec.Command(os.Args[0])
		command.Env = append(os.Environ(), writerEnv+"="+path, writerEnv+"_NAME=killed-"+strconv.Itoa(round)+"-")
		require.NoError(t, command.Start())
		require.Eventually(t, func() bool { // it writes now
			now, err := c.List()
			return err == nil && len(now) > len(before)
		}, 20*time.Second, time.Millisecond)
		require.NoError(t, command.Process.Kill())
		_ = command.Wait() // it was killed, or done already
		all, err := open(t, path).List()
		require.NoError(t, err)
		got, err := c.Get(sharedKey)
		require.NoError(t, err)
		require.Equal(t, float64(len(all)-1), got.Outputs["count"].NumberValue(), "each change whole or not at all")
	}
	create(t, c, thing("after")) // the lock went with the process
}

func TestASecretIsSealedAndAChangedOneIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	c := open(t, path)
	held := resource.PropertyMap{"deep": resource.NewArrayProperty([]resource.PropertyValue{
		resource.MakeSecret(resource.NewStringProperty("hunter2-hunter2"))})}
	one, two := thing("one"), thing("two")
	one.Outputs, two.Outputs = held, held
	create(t, c, one, two)
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(content), "hunter2")
	first, err := c.Get(one.Key)
	require.NoError(t, err)
	second, err := c.Get(two.Key)
	require.NoError(t, err)
	require.True(t, cloud.IsSealed(first.Outputs["deep"].ArrayValue()[0]))
	require.NotEqual(t, first.Outputs, second.Outputs, "equal secrets of two resources must not look equal")
	require.Equal(t, held, cloud.RevealMap(one.URN, "", first.Outputs, held))

	require.NoError(t, c.Edit(t.Context(), one.Key, func(r *cloud.Resource) error {
		r.Outputs["deep"] = resource.NewArrayProperty([]resource.PropertyValue{resource.MakeSecret(resource.NewStringProperty("other"))})
		return nil
	}))
	first, err = c.Get(one.Key)
	require.NoError(t, err)
	revealed := cloud.RevealMap(one.URN, "", first.Outputs, held)["deep"].ArrayValue()[0]
	require.Equal(t, "[changed outside of the program]", revealed.SecretValue().Element.StringValue())
}

func TestAnUnknownValueIsNotStored(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "cloud.json"))
	unknown := thing("a")
	unknown.Outputs = resource.PropertyMap{"arn": resource.MakeComputed(resource.NewStringProperty(""))}
	err := c.Update(t.Context(), func(tx *cloud.Tx) error { return tx.Create(unknown) })
	require.ErrorContains(t, err, "arn: an unknown value cannot be stored")
}

func TestIDsAreNotUsedAgainAfterAStackIsGone(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	c := open(t, path)
	other := thing("other")
	other.URN = "urn:pulumi:prod::lab::aws:ec2/vpc:Vpc::other"
	create(t, c, thing("a"), other)
	require.NoError(t, c.Remove(t.Context(), thing("a").Key))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.NotContains(t, string(content), "urn:pulumi:dev")
	require.NoError(t, c.View(func(tx *cloud.Tx) error {
		require.Equal(t, 1, tx.Serial(thing("a").URN), "the second life begins after the first")
		require.Equal(t, 1, tx.Serial(other.URN))
		return nil
	}))
	require.ErrorIs(t, c.Remove(t.Context(), thing("a").Key), cloud.ErrNotFound)
}

func TestAFileThatCannotBeUnderstoodIsNeverOverwritten(t *testing.T) {
	good := `{"account":"1","type":"t","id":"i","urn":"u","serial":0,"inputs":{},"outputs":{}}`
	for name, c := range map[string]struct{ content, says string }{
		"empty":            {"", "is no JSON"},
		"cut":              {`{"format":1,"generation":3,"floor":0,"serials":{},"resources":[`, "is no JSON"},
		"of another kind":  {`[]`, "is no JSON"},
		"newer":            {`{"format":2,"resources":[]}`, "has format 2, and this program reads format 1 only"},
		"without format":   {`{"resources":[]}`, "has format 0"},
		"with a new field": {`{"format":1,"colour":"red"}`, `unknown field "colour"`},
		"with half a resource": {`{"format":1,"generation":1,"floor":0,"serials":{},"resources":[{"account":"1"}]}`,
			"resources[0]: a resource without type"},
		"with a resource twice": {`{"format":1,"generation":1,"floor":0,"serials":{},"resources":[` + good + "," + good + "]}",
			"resources[1]: t i in 1 is there twice"},
	} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "cloud.json")
			require.NoError(t, os.WriteFile(path, []byte(c.content), 0o600))
			_, err := cloud.Open(path)
			require.ErrorContains(t, err, c.says)
			require.ErrorContains(t, err, path)
			require.ErrorContains(t, err, "move it away to begin with an empty cloud")
			after, err := os.ReadFile(path)
			require.NoError(t, err)
			require.Equal(t, c.content, string(after))
		})
	}
}

func TestAFileThatBreaksWhileOpenFailsTheNextChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	c := open(t, path)
	create(t, c, thing("a"))
	require.NoError(t, os.WriteFile(path, []byte("{"), 0o600))
	require.ErrorContains(t, c.Update(t.Context(), func(tx *cloud.Tx) error { return tx.Create(thing("b")) }), "is no JSON")
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	require.Equal(t, "{", string(content))
}

func TestWhatAPersonEditedIsSeen(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	c := open(t, path)
	create(t, c, thing("a"))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	edited := strings.ReplaceAll(string(content), "10.0.0.0/16", "10.9.0.0/16")
	require.NoError(t, os.WriteFile(path, []byte(edited), 0o600))
	got, err := c.Get(thing("a").Key)
	require.NoError(t, err)
	require.Equal(t, "10.9.0.0/16", got.Outputs["cidrBlock"].StringValue())
}

func TestWhatACrashLeftBesideTheFileDoesNoHarm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "cloud.json")
	require.NoError(t, os.WriteFile(path+".new", []byte("half of a fi"), 0o600))
	c := open(t, path)
	create(t, c, thing("a"))
	_, err := os.Stat(path + ".new")
	require.ErrorIs(t, err, os.ErrNotExist)
}

func TestADirectoryThatIsMissingIsSaidWithItsPath(t *testing.T) {
	path := filepath.Join(t.TempDir(), "gone", "cloud.json")
	c := open(t, path)
	require.ErrorContains(t, c.Update(t.Context(), func(tx *cloud.Tx) error { return tx.Create(thing("a")) }), path)
}

func TestTwoThousandResourcesAreWrittenInSeconds(t *testing.T) {
	c := open(t, filepath.Join(t.TempDir(), "cloud.json"))
	began := time.Now()
	var writers sync.WaitGroup
	for worker := range 16 { // the engine's own parallelism
		writers.Go(func() {
			for step := range 125 {
				id := fmt.Sprintf("vpc-%d-%d", worker, step)
				if err := c.Update(context.Background(), func(tx *cloud.Tx) error { return tx.Create(thing(id)) }); err != nil {
					t.Error(err)
					return
				}
			}
		})
	}
	writers.Wait()
	all, err := c.List()
	require.NoError(t, err)
	require.Len(t, all, 2000)
	require.Less(t, time.Since(began), 60*time.Second, "a write must not cost more with every resource")
	t.Logf("2,000 resources in %s", time.Since(began))
}

func TestWhatIsStoredIsReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		directory, err := os.MkdirTemp("", "cloud")
		require.NoError(t, err)
		defer func() { require.NoError(t, os.RemoveAll(directory)) }()
		stored := thing("a")
		stored.Outputs = resource.PropertyMap{}
		for _, key := range rapid.SliceOfN(rapid.StringN(1, 8, -1), 0, 4).Draw(t, "keys") {
			stored.Outputs[resource.PropertyKey(key)] = value(t, 3)
		}
		c, err := cloud.Open(filepath.Join(directory, "cloud.json"))
		require.NoError(t, err)
		require.NoError(t, c.Update(context.Background(), func(tx *cloud.Tx) error { return tx.Create(stored) }))
		again, err := cloud.Open(c.Path())
		require.NoError(t, err)
		got, err := again.Get(stored.Key)
		require.NoError(t, err)
		require.True(t, stored.Outputs.DeepEquals(got.Outputs), "%v became %v", stored.Outputs, got.Outputs)
	})
}

// value draws a value without secrets. JSON has no text that is no UTF-8, and neither has the engine.
func value(t *rapid.T, depth int) resource.PropertyValue {
	forms := 3
	if depth > 0 {
		forms = 5
	}
	switch rapid.IntRange(0, forms-1).Draw(t, "form") {
	case 0:
		return resource.NewStringProperty(rapid.String().Draw(t, "text"))
	case 1:
		return resource.NewNumberProperty(rapid.Float64Range(-1e12, 1e12).Draw(t, "number"))
	case 2:
		return resource.NewBoolProperty(rapid.Bool().Draw(t, "flag"))
	case 3:
		elements := []resource.PropertyValue{}
		for range rapid.IntRange(0, 3).Draw(t, "length") {
			elements = append(elements, value(t, depth-1))
		}
		return resource.NewArrayProperty(elements)
	default:
		fields := resource.PropertyMap{}
		for range rapid.IntRange(0, 3).Draw(t, "fields") {
			fields[resource.PropertyKey(rapid.StringN(1, 8, -1).Draw(t, "key"))] = value(t, depth-1)
		}
		return resource.NewObjectProperty(fields)
	}
}

func FuzzAnyFileIsReadOrRefused(f *testing.F) {
	f.Add([]byte(`{"format":1,"generation":1,"floor":0,"serials":{"u":1},"resources":[{"account":"1","type":"t","id":"i","urn":"u","serial":0,"inputs":{"a":[1,{"b":null}]},"outputs":{}}]}`))
	f.Add([]byte(`{"format":1}`))
	f.Add([]byte("{"))
	f.Fuzz(func(t *testing.T, content []byte) {
		path := filepath.Join(t.TempDir(), "cloud.json")
		require.NoError(t, os.WriteFile(path, content, 0o600))
		c, err := cloud.Open(path)
		if err != nil {
			require.ErrorContains(t, err, path)
			return
		}
		before, err := c.List()
		require.NoError(t, err)
		create(t, c, cloud.Resource{Key: cloud.Key{Account: "fuzz", Type: "t", ID: "i"}, URN: "u"})
		after, err := open(t, path).List()
		require.NoError(t, err)
		require.Len(t, after, len(before)+1)
	})
}
