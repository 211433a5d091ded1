// Layer: sandbox (the real engine and the real program, on the sandbox).
package deploy_test

import (
	"context"
	"strings"
	"testing"

	"github.com/aplomb-iac/aplomb/deploy"
	"github.com/aplomb-iac/aplomb/sandbox/cloud"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/stretchr/testify/require"
)

const (
	bucketType = "aws:s3/bucketV2:BucketV2"
	objectType = "aws:s3/bucketObjectv2:BucketObjectv2"
)

func bucketOf(config map[string]any, name string) map[string]any {
	for _, bucket := range config["buckets"].([]any) {
		if bucket.(map[string]any)["name"] == name {
			return bucket.(map[string]any)
		}
	}
	return nil
}

// buckets are the buckets in the cloud by their names in the program.
func (d *dashboard) buckets(t *testing.T) map[string]cloud.Resource {
	t.Helper()
	found := map[string]cloud.Resource{}
	_, resources := d.standing(t)
	for _, each := range resources {
		if each.Type == bucketType {
			found[each.URN[strings.LastIndex(each.URN, "::")+2:]] = each
		}
	}
	return found
}

// fill puts an object into a bucket, as somebody's upload would.
func (d *dashboard) fill(t *testing.T, bucket cloud.Resource) cloud.Key {
	t.Helper()
	key := cloud.Key{Account: bucket.Account, Region: bucket.Region, Type: objectType, ID: bucket.ID + "/attachments/1.png"}
	standing, _ := d.standing(t)
	require.NoError(t, standing.Update(context.Background(), func(tx *cloud.Tx) error {
		properties := resource.PropertyMap{"bucket": resource.NewProperty(bucket.ID), "key": resource.NewProperty(key.ID)}
		return tx.Create(cloud.Resource{Key: key, URN: "somebody", Inputs: properties, Outputs: properties})
	}))
	return key
}

func TestBucketsStandInTwoRegionsAndChangeInPlace(t *testing.T) {
	d := broughtUp(t, "dev")
	buckets := d.buckets(t)
	require.Len(t, buckets, 4)
	for name, bucket := range buckets {
		require.Equal(t, map[bool]string{false: "eu-central-1", true: "eu-west-1"}[strings.HasSuffix(name, "-replica")], bucket.Region, name)
	}
	require.False(t, d.up(t).Changes.Any())

	d.change(t, func(config map[string]any) {
		bucketOf(config, "assets")["lifecycle"] = map[string]any{"expireDays": 60, "transitions": []any{map[string]any{"storageClass": "STANDARD_IA", "afterDays": 30}}}
	})
	changes := d.up(t).Changes
	require.Equal(t, 2, changes.Update, "the lifecycle here and there")
	require.Zero(t, changes.Create+changes.Replace+changes.Delete)
}

func TestWhatADeletionDoesToTheCopyChangesInPlace(t *testing.T) {
	d := broughtUp(t, "dev")
	d.change(t, func(config map[string]any) { bucketOf(config, "assets")["deleteMarkers"] = "ignored" })
	changes := d.up(t).Changes
	require.Equal(t, 2, changes.Update, "the replication, and what its role may do")
	require.Zero(t, changes.Create+changes.Replace+changes.Delete)
}

// A lock is had from the beginning, so it replaces the bucket: in development too nobody loses one by a property that looks harmless. The new
// bucket comes before the old one goes, as both have names of their own.
func TestALockAddedLaterReplacesTheBucketOnceItIsUnlockedByName(t *testing.T) {
	d := broughtUp(t, "dev")
	before := d.buckets(t)
	d.change(t, func(config map[string]any) { bucketOf(config, "backups")["objectLock"] = map[string]any{"days": 1} })
	preview := d.preview(t)
	require.Positive(t, preview.Changes.Replace)
	require.Len(t, preview.Refused, 2)
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{Unlock: []string{"backups"}})
	require.ErrorContains(t, err, "backups-replica (aws:s3/bucketV2:BucketV2) would be replaced because of objectLockEnabled; what it holds would be gone")
	require.Equal(t, before, d.buckets(t))
	_, err = d.open(t).Up(context.Background(), deploy.UpOptions{Unlock: []string{"backups", "backups-replica"}})
	require.NoError(t, err)
	after := d.buckets(t)
	require.NotEqual(t, before["backups"].ID, after["backups"].ID)
	require.NotEqual(t, before["backups-replica"].ID, after["backups-replica"].ID)
	require.Equal(t, before["assets"].ID, after["assets"].ID)
	require.False(t, d.up(t).Changes.Any())
}

func TestALockAddedToAProtectedBucketIsRefusedWithNothingDone(t *testing.T) {
	d := broughtUp(t, "small")
	before := d.cloudFile(t)
	d.change(t, func(config map[string]any) { bucketOf(config, "assets")["objectLock"] = map[string]any{"days": 30} })
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	var refused *deploy.ProtectedError
	require.ErrorAs(t, err, &refused)
	var names []string
	for _, each := range refused.Refused {
		names = append(names, each.Name)
	}
	require.Subset(t, names, []string{"assets", "assets-replica"})
	require.Equal(t, before, d.cloudFile(t))
}

func TestABucketIsRetiredInTwoStepsOnceItIsEmpty(t *testing.T) {
	d := broughtUp(t, "small")
	object := d.fill(t, d.buckets(t)["assets"])
	d.change(t, func(config map[string]any) { bucketOf(config, "assets")["retiring"] = true })
	first := d.up(t)
	require.False(t, first.Changes.Any(), "protection is the engine's own")
	d.change(t, func(config map[string]any) {
		config["buckets"] = config["buckets"].([]any)[1:]
		delete(serviceOf(config, "web"), "buckets")
	})
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	require.ErrorContains(t, err, "api error BucketNotEmpty")
	require.Contains(t, d.buckets(t), "assets")

	standing, _ := d.standing(t)
	require.NoError(t, standing.Remove(context.Background(), object))
	d.up(t)
	_, left := d.standing(t)
	for _, each := range left {
		require.NotContains(t, each.URN, "::assets", "nothing of the bucket is left in either Region")
	}
}

// A destroy takes replication away before versioning, which S3 refuses to suspend under it, and leaves what holds something.
func TestADestroyStopsAtABucketThatHoldsSomethingAndGoesOnOnceItIsEmpty(t *testing.T) {
	d := broughtUp(t, "small")
	copies := d.fill(t, d.buckets(t)["assets-replica"])
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.ErrorContains(t, err, "api error BucketNotEmpty")
	require.Contains(t, d.buckets(t), "assets-replica")

	standing, _ := d.standing(t)
	require.NoError(t, standing.Remove(context.Background(), copies))
	_, err = d.open(t).Destroy(context.Background(), deploy.DestroyOptions{Unlock: []string{"all"}})
	require.NoError(t, err)
	_, left := d.standing(t)
	require.Empty(t, left)
}

func TestADevelopmentStackIsDestroyedWithWhatItsBucketsHold(t *testing.T) {
	d := broughtUp(t, "dev")
	for _, bucket := range d.buckets(t) {
		d.fill(t, bucket)
	}
	_, err := d.open(t).Destroy(context.Background(), deploy.DestroyOptions{})
	require.NoError(t, err)
	_, left := d.standing(t)
	for _, each := range left {
		require.Equal(t, objectType, each.Type, "the sandbox has no objects of its own, so it deletes none")
	}
}

func TestAnotherRecoveryRegionIsRefusedWhileCopiesStand(t *testing.T) {
	d := broughtUp(t, "dev")
	before := d.cloudFile(t)
	d.change(t, func(config map[string]any) { config["recoveryRegion"] = "eu-north-1" })
	_, err := d.open(t).Up(context.Background(), deploy.UpOptions{})
	require.ErrorContains(t, err, `recoveryRegion: "eu-north-1" is not the Region eu-west-1 in which copies stand`)
	require.Equal(t, before, d.cloudFile(t))
}
