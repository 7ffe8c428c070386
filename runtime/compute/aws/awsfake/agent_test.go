package awsfake

import (
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	ssmtypes "github.com/aws/aws-sdk-go-v2/service/ssm/types"
)

// multiPart is user data as batchd makes it: a part of the user's, and one with the settings of the agent.
const multiPart = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=\"==x==\"\r\n\r\n" +
	"--==x==\r\nContent-Type: text/cloud-config; charset=\"us-ascii\"\r\n\r\npackages: [htop]\r\n" +
	"--==x==\r\nContent-Type: text/x-shellscript; charset=\"us-ascii\"\r\n\r\n#!/bin/sh\ncat >> /etc/ecs/ecs.config <<'BATCHD'\n" +
	"ECS_CLUSTER=c\nECS_RESERVED_MEMORY=32\nECS_INSTANCE_ATTRIBUTES={\"batchd.spec\":\"f00\"}\nECS_AVAILABLE_LOGGING_DRIVERS=[\"awslogs\"]\n" +
	"ECS_ENABLE_SPOT_INSTANCE_DRAINING=true\nBATCHD\r\n--==x==--\r\n"

func TestAnAgentRegistersWhatTheUserDataSays(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{ECS: ECSOptions{Agents: AgentOptions{Register: Span{20 * time.Second, 120 * time.Second}}}})
		b.boot("i-1", multiPart)
		time.Sleep(19 * time.Second)
		if got := must[*ecs.ListContainerInstancesOutput](t)(b.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("c")})).ContainerInstanceArns; len(got) != 0 {
			t.Errorf("registered at once: %v", got)
		}
		time.Sleep(101 * time.Second)
		got := b.instance()
		attributes := map[string]string{}
		for _, a := range got.Attributes {
			attributes[*a.Name] = aws.ToString(a.Value)
		}
		if !got.AgentConnected || *got.Ec2InstanceId != "i-1" || attributes["batchd.spec"] != "f00" || attributes["ecs.instance-type"] != "m6i.xlarge" {
			t.Errorf("registered %v with %v", *got.Ec2InstanceId, attributes)
		}
		if _, has := attributes["com.amazonaws.ecs.capability.logging-driver.json-file"]; has {
			t.Error("registered a log driver that was switched off")
		}
		if total := capacityOf(got.RegisteredResources); total.cpu != 4096 || total.memory != 16384*975/1000-32 || len(total.gpus) != 2 {
			t.Errorf("registered %v", total)
		}
	})
}

func TestAnAgentWaitsForItsCluster(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{})
		b.boot("i-1", "#!/bin/sh\necho 'ECS_CLUSTER=late' >> /etc/ecs/ecs.config\n")
		time.Sleep(5 * time.Minute)
		must[*ecs.CreateClusterOutput](t)(b.CreateCluster(t.Context(), &ecs.CreateClusterInput{ClusterName: aws.String("late")}))
		time.Sleep(time.Minute)
		got := must[*ecs.ListContainerInstancesOutput](t)(b.ListContainerInstances(t.Context(), &ecs.ListContainerInstancesInput{Cluster: aws.String("late")}))
		if len(got.ContainerInstanceArns) != 1 {
			t.Errorf("registered %v", got.ContainerInstanceArns)
		}
	})
}

func TestAgentsThatFail(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{ECS: ECSOptions{Agents: AgentOptions{Boot: func(boot Boot) BootPlan {
			return BootPlan{Never: boot.Instance == "i-never", Deaf: boot.Instance == "i-deaf"}
		}}}})
		b.boot("i-never", joinsC)
		b.boot("i-deaf", joinsC)
		if got := b.instance(); *got.Ec2InstanceId != "i-deaf" || !got.AgentConnected {
			t.Errorf("at first %s, connected: %v", *got.Ec2InstanceId, got.AgentConnected)
		}
		time.Sleep(time.Hour)
		if got := b.instance(); got.AgentConnected || *got.Status != "ACTIVE" {
			t.Errorf("later it is %s, connected: %v", *got.Status, got.AgentConnected)
		}
	})
}

func TestNewsWaitForTheConnection(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: time.Minute}))
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main"))))
		time.Sleep(time.Second)
		b.w.Connect("i-1", false)
		time.Sleep(5 * time.Minute)
		if got := b.status(arn); got != "RUNNING" {
			t.Errorf("while the agent is away it is %s", got)
		}
		b.w.Connect("i-1", true)
		if got := b.status(arn); got != "STOPPED" {
			t.Errorf("when the agent is back it is %s", got)
		}
	})
}

func TestConnectionsFlap(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, Options{ECS: ECSOptions{Agents: AgentOptions{Flaps: Span{5 * time.Minute, 10 * time.Minute}, Away: Span{time.Minute, 2 * time.Minute}}}})
		b.boot("i-1", joinsC)
		away, changes, last := 0, 0, true
		for range 60 {
			connected := b.instance().AgentConnected
			if !connected {
				away++
			}
			if connected != last {
				changes++
			}
			last = connected
			time.Sleep(time.Minute)
		}
		if away < 3 || away > 30 || changes < 6 {
			t.Errorf("in an hour it was away for %d minutes, with %d changes", away, changes)
		}
	})
}

func TestATerminatedInstanceTakesItsTasksAlong(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		options := plays(Play{Runs: Forever, Lines: []Line{{Text: "a"}}})
		options.ECS.Agents.Deregister = Span{30 * time.Second, 30 * time.Second}
		b := newECSBed(t, options)
		b.boot("i-1", joinsC)
		arn := b.start(request(b.define(container("main"))))
		time.Sleep(time.Second)
		b.end("i-1")
		time.Sleep(10 * time.Second)
		if got := b.instance(); got.AgentConnected || b.status(arn) != "RUNNING" {
			t.Errorf("before ECS noticed, the agent is connected: %v, and the task %s", got.AgentConnected, b.status(arn))
		}
		time.Sleep(21 * time.Second)
		if got := ending(b.task(arn)); got != "TerminationNotice: Host EC2 (instance i-1) terminated.; main" {
			t.Error(got)
		}
		if got := must[*ecs.DescribeClustersOutput](t)(b.DescribeClusters(t.Context(), &ecs.DescribeClustersInput{Clusters: []string{"c"}})).Clusters[0]; got.RegisteredContainerInstancesCount != 0 || got.RunningTasksCount != 0 {
			t.Errorf("left %d instances and %d tasks", got.RegisteredContainerInstancesCount, got.RunningTasksCount)
		}
	})
}

func TestASpotNoticeDrainsTheInstanceIfTheAgentWasToldTo(t *testing.T) {
	for userData, want := range map[string]string{joinsC: "ACTIVE", multiPart: "DRAINING"} {
		synctest.Test(t, func(t *testing.T) {
			b := newECSBed(t, plays(Play{Runs: Forever}))
			b.boot("i-1", userData)
			arn := b.start(request(b.define(container("main"))))
			b.w.mu.Lock()
			b.w.warned("i-1")
			b.w.mu.Unlock()
			time.Sleep(10 * time.Second)
			if got := *b.instance().Status; got != want || b.status(arn) != "RUNNING" {
				t.Errorf("the instance is %s and its task %s, want %s and RUNNING", got, b.status(arn), want)
			}
		})
	}
}

func TestALeaseThatIsNotRenewedPowersTheInstanceOff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		b := newECSBed(t, plays(Play{Runs: 20 * time.Minute}))
		parameters := ssm.NewFromConfig(b.w.Config())
		renew := func() {
			must[*ssm.PutParameterOutput](t)(parameters.PutParameter(t.Context(), &ssm.PutParameterInput{
				Name: aws.String("/batchd/i/lease"), Value: aws.String(strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10)), Type: ssmtypes.ParameterTypeString, Overwrite: aws.Bool(true),
			}))
		}
		renew()
		b.boot("i-1", joinsC+"cat > /usr/local/sbin/batchd-lease <<'X'\nparameter='/batchd/i/lease'\nlimit=1800\ntasks=3600\npoll=300\nlook=10\nX\n")
		for range 3 {
			time.Sleep(50 * time.Minute)
			renew()
		}
		b.w.Inject(Fault{Service: "ssm", Operation: "GetParameter", Kind: ServerError, Times: 1}) // losing SSM for a while is no lapse
		time.Sleep(55 * time.Minute)
		arn := b.start(request(b.define(container("main"))))
		time.Sleep(10 * time.Minute)
		if got := b.instance(); *got.Status != "DRAINING" || b.status(arn) != "RUNNING" {
			t.Errorf("after the lapse it is %s, and its task %s", *got.Status, b.status(arn))
		}
		time.Sleep(11 * time.Minute)
		if got := ending(b.task(arn)); !strings.HasPrefix(got, string(types.TaskStopCodeEssentialContainerExited)) {
			t.Errorf("its task was not let end: %s", got)
		}
		if left := b.w.Leftovers(""); strings.Contains(strings.Join(left, "\n"), "i-1") {
			t.Errorf("it goes on: %q", left)
		}
	})
}
