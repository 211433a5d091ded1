package components

import "fmt"

// FailoverTimes is how long a database is away when its writer, the writer's volume or its zone is lost, part by part. The figures are AWS's as
// documented under each DatabaseTopology, none of them guaranteed, or follow from what Connection hands over.
type FailoverTimes struct {
	// FailoverSeconds is until another instance writes.
	FailoverSeconds int
	// NameSeconds is for how long resolvers keep the old address of the endpoint: documented for Aurora
	// (https://repost.aws/knowledge-center/aurora-mysql-redirected-endpoint-writer), assumed for the others.
	NameSeconds int
	// Addresses is how many instances a client may have to try until it has the writer, for ConnectSeconds each.
	Addresses, ConnectSeconds int
	// Source is the page of AWS that FailoverSeconds is from.
	Source string
}

const (
	// endpointSeconds is FailoverTimes.NameSeconds, connectSeconds the PGCONNECT_TIMEOUT of Connection.
	endpointSeconds = 5
	connectSeconds  = 3
)

// FailoverTimes are the figures of the topology; all of them are zero for one that does not exist.
func (t DatabaseTopology) FailoverTimes() FailoverTimes {
	times := FailoverTimes{NameSeconds: endpointSeconds, ConnectSeconds: connectSeconds}
	switch t {
	case Aurora:
		times.FailoverSeconds, times.Addresses = 60, threeZones
		times.Source = "https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Concepts.AuroraHighAvailability.html"
	case MultiAZCluster:
		times.FailoverSeconds, times.Addresses = 35, threeZones
		times.Source = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/multi-az-db-clusters-concepts-failover.html"
	case MultiAZInstance:
		times.FailoverSeconds, times.Addresses = 120, 2
		times.Source = "https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/Concepts.MultiAZ.Failover.html"
	default:
		return FailoverTimes{}
	}
	return times
}

// TimeToServe is the sum, in seconds: users get correct answers again.
func (f FailoverTimes) TimeToServe() int {
	return f.FailoverSeconds + f.NameSeconds + f.Addresses*f.ConnectSeconds
}

// String is the arithmetic, such as 60 s failover + 5 s DNS + 3 × 3 s connect = 74 s.
func (f FailoverTimes) String() string {
	return fmt.Sprintf("%d s failover + %d s DNS + %d × %d s connect = %d s",
		f.FailoverSeconds, f.NameSeconds, f.Addresses, f.ConnectSeconds, f.TimeToServe())
}

// Zones is how many zones the topology spans.
func (t DatabaseTopology) Zones() int {
	switch t {
	case Aurora, MultiAZCluster:
		return threeZones
	case MultiAZInstance:
		return 2
	default:
		return 0
	}
}

// ConnectionVariables are the names of the environment variables that MultiAZDatabase.Connection has, sorted.
func ConnectionVariables() []string {
	return []string{
		"PGCONNECT_TIMEOUT", "PGDATABASE", "PGHOST", "PGOPTIONS", "PGPORT", "PGSSLMODE", "PGSSLROOTCERT", "PGTARGETSESSIONATTRS", "PGUSER",
	}
}
