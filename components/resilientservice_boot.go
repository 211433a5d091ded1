package components

import (
	"encoding/base64"
	"strconv"

	"github.com/aplomb-iac/aplomb/internal/naming"
	"github.com/pulumi/pulumi/sdk/v3/go/pulumi"
)

// The boot, from user data to a healthy target. Its texts are in the folder boot; this is why they say what they say.
//
// No package is downloaded: the ECS-optimized Amazon Linux 2023 is the minimal image of Amazon Linux with Docker, SSM Agent and
// amazon-ec2-net-utils in it (https://github.com/aws/amazon-ecs-ami/blob/main/variables.pkr.hcl), and has neither the AWS CLI nor ECR's
// credential helper. So aplomb-pull asks with curl, which is curl-minimal there
// (https://docs.aws.amazon.com/linux/al2023/ug/curl-minimal.html) and signs requests, all headers of them since https://github.com/curl/curl/pull/7966;
// the bugs that it had in signing later are about paths, queries and repeated headers, none of which the one request has. An image that is there already is not pulled again, so that a restart needs no registry.
//
// The container runs detached and systemd waits for it. Attached, as docker run is by default, the container would stop at its
// next line of output once nobody reads it (https://github.com/moby/moby/issues/41827), and journald, which would, writes to the disk that
// may have stalled. Its log goes to CloudWatch Logs, without blocking: what cannot be delivered is dropped, and
// the container starts although CloudWatch Logs cannot be reached (https://github.com/moby/moby/pull/36522). While it cannot, a container
// that has written more than Docker keeps does not end cleanly (https://github.com/moby/moby/issues/53143); the group then replaces the
// instance.
//
// The container shares the host's network: it answers on the instance's own address, and reaches the metadata service although its
// hop limit is 1.
//
// The probe is copied out of its image into memory and runs as a user of its own. That it goes on when the disk is gone takes no more than
// that; should it end then, systemd cannot start it again, and no answer is as good as a bad one. What it says goes to journald over a
// socket with 8 MiB of buffer (https://github.com/systemd/systemd/blob/v252/src/core/execute.c), which a stalled journald leaves
// unread, and it says little.
//
// A stop goes through aplomb-stop. systemd stops in the opposite order of starting, so the container, which starts after the probe, Docker
// and the network, is stopped before them; containers are in scopes without default dependencies, which a shutdown leaves alone until all
// services have stopped (https://github.com/opencontainers/runc/blob/main/libcontainer/cgroups/systemd/v2.go). When Auto Scaling ends an
// instance, it has first been deregistered and had its drain
// (https://docs.aws.amazon.com/autoscaling/ec2/userguide/attach-load-balancer-asg.html), so the wait for the load balancer is for nothing; it is for
// whoever reboots or stops the instance or the unit, of which the load balancer knows nothing.

// bootText is the user data in base64. What is known already is checked at once; the environment may arrive late.
func (s *ResilientService) bootText(ctx *pulumi.Context) pulumi.StringOutput {
	at := s.home(ctx)
	boot := userData{
		Service: s.name, Image: s.args.Image, Region: at.region, LogGroup: at.logGroup("service", s.name),
		LoginHost:    naming.ServiceEndpoint("api.ecr", at.region),
		DrainSeconds: s.args.DrainSeconds, EvictSeconds: s.args.HealthCheck.evictSeconds(),
		NoSessions: s.args.NoSessions, Probe: s.probeData(),
	}
	return s.environment(at.region).ToStringMapOutput().ApplyT(func(environment map[string]string) (string, error) {
		boot := boot
		boot.Environment = environment
		text, err := boot.render()
		return base64.StdEncoding.EncodeToString([]byte(text)), err
	}).(pulumi.StringOutput)
}

// environment is what the container finds: what was asked for, the secrets' ARNs, and what the component sets.
func (s *ResilientService) environment(region string) pulumi.StringMap {
	all := pulumi.StringMap{
		"PORT":       pulumi.String(strconv.Itoa(s.args.Port)),
		"AWS_REGION": pulumi.String(region), "AWS_DEFAULT_REGION": pulumi.String(region),
	}
	for name, value := range s.args.Environment {
		all[name] = value
	}
	for key, secret := range s.built.secrets {
		all[key+secretSuffix] = secret.Arn
	}
	return all
}
