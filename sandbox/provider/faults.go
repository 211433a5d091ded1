package provider

import (
	"context"
	"fmt"
	"net"
	"time"

	"github.com/pulumi/pulumi/sdk/v3/go/common/resource"
	"github.com/pulumi/pulumi/sdk/v3/go/common/resource/urn"
	pulumirpc "github.com/pulumi/pulumi/sdk/v3/proto/go"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/peer"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/structpb"

	"github.com/aplomb-iac/aplomb/sandbox/fault"
	"github.com/aplomb-iac/aplomb/sandbox/kinds"
)

// Option is something that a provider has beside its cloud.
type Option func(*Server)

// WithFaults lets a plan's faults strike the provider's operations. kill ends the engine at once, for the faults that ask
// for it.
func WithFaults(plan *fault.Plan, kill func() error) Option {
	return func(s *Server) { s.faults, s.kill = plan, kill }
}

// withFaults puts the server's faults before its operations.
func withFaults(ctx context.Context, request any, info *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	server, ours := info.Server.(*Server)
	if !ours || server.faults == nil {
		return handler(ctx, request)
	}
	asked, can := asking(request)
	if !can {
		return handler(ctx, request)
	}
	struck, strikes := server.faults.Strike(asked.operation, asked.token, asked.name, asked.subject)
	if !strikes {
		return handler(ctx, request)
	}
	return server.suffer(ctx, struck, asked, func() (any, error) { return handler(ctx, request) })
}

// asked is one operation that a fault can strike.
type asked struct {
	operation            fault.Operation
	token, name, subject string
	// verb, id and inputs are what AWS is asked for; verb is empty for what it is not asked.
	verb   kinds.Verb
	id     string
	inputs *structpb.Struct
}

// asking is what the engine asks for. A preview's creations and updates ask AWS for nothing.
func asking(request any) (asked, bool) {
	switch r := request.(type) {
	case *pulumirpc.CreateRequest:
		return about(fault.Create, r.GetUrn(), kinds.Creating, "", r.GetProperties()), !r.GetPreview()
	case *pulumirpc.ReadRequest:
		return about(fault.Read, r.GetUrn(), kinds.Reading, r.GetId(), nil), true
	case *pulumirpc.UpdateRequest:
		return about(fault.Update, r.GetUrn(), kinds.Updating, r.GetId(), nil), !r.GetPreview()
	case *pulumirpc.DeleteRequest:
		return about(fault.Delete, r.GetUrn(), kinds.Deleting, r.GetId(), nil), true
	case *pulumirpc.CheckRequest:
		return about(fault.Check, r.GetUrn(), "", "", nil), true
	case *pulumirpc.DiffRequest:
		return about(fault.Diff, r.GetUrn(), "", "", nil), true
	case *pulumirpc.InvokeRequest:
		return asked{operation: fault.Invoke, token: r.GetTok(), subject: r.GetTok()}, true
	default:
		return asked{}, false
	}
}

func about(operation fault.Operation, resourceURN string, verb kinds.Verb, id string, inputs *structpb.Struct) asked {
	made := asked{operation: operation, subject: resourceURN, verb: verb, id: id, inputs: inputs}
	if parsed, err := urn.Parse(resourceURN); err == nil {
		made.token, made.name = string(parsed.Type()), parsed.Name()
	}
	return made
}

// suffer is what a fault makes of an operation.
func (s *Server) suffer(ctx context.Context, struck fault.Fault, on asked, handle func() (any, error)) (any, error) {
	switch struck.Kind {
	case fault.Slow:
		select {
		case <-ctx.Done():
			return nil, status.FromContextError(ctx.Err()).Err()
		case <-time.After(struck.For):
			return handle()
		}
	case fault.Throttle:
		return nil, refused(on.trouble().Throttled())
	case fault.InternalError:
		return nil, refused(on.trouble().Failed())
	case fault.NotFound:
		return on.unseen()
	case fault.DropBefore:
		return nil, drop(ctx)
	case fault.DropAfter:
		if _, err := handle(); err != nil {
			return nil, err // AWS refused, so that nothing changed
		}
		return nil, drop(ctx)
	case fault.Kill:
		if _, err := handle(); err != nil {
			return nil, err
		}
		return nil, s.killEngine(ctx)
	default:
		return nil, status.Errorf(codes.Internal, "a defect of the sandbox: no fault is called %q", struck.Kind)
	}
}

// trouble is how the provider tells of a failure of this operation.
func (a asked) trouble() kinds.Trouble {
	kind, known := kinds.Of(a.token)
	if !known || a.verb == "" {
		return kinds.AnyTrouble(fmt.Sprintf("%s of %s", a.operation, a.subject))
	}
	inputs, err := fromEngine("inputs", a.inputs)
	if err != nil {
		inputs = resource.PropertyMap{} // the handler would refuse them, and a fault comes before it
	}
	return kind.Trouble(a.verb, a.id, inputs)
}

// unseen is an operation on what AWS does not see. As the real provider does, a read takes it for gone, and so does a
// deletion, for which it is the best news.
func (a asked) unseen() (any, error) {
	if a.operation == fault.Read {
		return &pulumirpc.ReadResponse{}, nil
	}
	if a.operation == fault.Delete {
		return &emptypb.Empty{}, nil
	}
	return nil, refused(a.trouble().NotFound())
}

// killEngine ends the engine, and answers what nobody hears any more.
func (s *Server) killEngine(ctx context.Context) error {
	if s.kill == nil {
		return status.Error(codes.FailedPrecondition, "a fault is to kill the engine, and nobody said how")
	}
	if err := s.kill(); err != nil {
		return status.Errorf(codes.Internal, "killing the engine: %v", err)
	}
	return drop(ctx)
}

// drop breaks the connection that a request came through. What the engine asks on it from then on fails, as with a plugin
// that died: the configuration of a provider instance goes with its connection.
func drop(ctx context.Context) error {
	lost := status.Error(codes.Unavailable, "the connection was dropped")
	from, has := peer.FromContext(ctx)
	if !has {
		return lost
	}
	if line, ours := from.AuthInfo.(*wire); ours {
		if err := line.connection.Close(); err != nil {
			return status.Errorf(codes.Internal, "dropping the connection: %v", err)
		}
	}
	return lost
}

// wire lets a request find the connection that it came through.
type wire struct {
	credentials.AuthInfo
	connection net.Conn
}

// wired is no security at all, like the engine's own, and remembers the connection.
type wired struct {
	credentials.TransportCredentials
}

func newWired() credentials.TransportCredentials { return wired{insecure.NewCredentials()} }

func (w wired) ServerHandshake(connection net.Conn) (net.Conn, credentials.AuthInfo, error) {
	secured, info, err := w.TransportCredentials.ServerHandshake(connection)
	if err != nil {
		return nil, nil, fmt.Errorf("accepting the engine: %w", err)
	}
	return secured, &wire{info, secured}, nil
}

func (w wired) Clone() credentials.TransportCredentials { return wired{w.TransportCredentials.Clone()} }
