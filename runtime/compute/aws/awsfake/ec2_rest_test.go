package awsfake

import (
	"encoding/base64"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/pricing"
	pricingtypes "github.com/aws/aws-sdk-go-v2/service/pricing/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
)

func TestInstancesAreFoundByFilterAndPage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		c.fleet(onDemand(3, "m6i.large"))
		other, _ := c.fleet(spot(4, "c6i.large@b"))
		c.terminate(other[0])
		for name, test := range map[string]struct {
			filters []types.Filter
			want    int
		}{
			"all":          {nil, 7},
			"tag":          {[]types.Filter{where("tag:batchd:group", "g1", "g2")}, 7},
			"tag's key":    {[]types.Filter{where("tag-key", "batchd:*")}, 7},
			"another case": {[]types.Filter{where("tag:batchd:group", "G1")}, 0},
			"state":        {[]types.Filter{where("instance-state-name", "pending", "running")}, 6},
			"two":          {[]types.Filter{where("availability-zone", "us-east-1b"), where("instance-state-name", "terminated")}, 1},
			"type":         {[]types.Filter{where("instance-type", "c6i.*")}, 4},
			"market":       {[]types.Filter{where("instance-lifecycle", "spot")}, 4},
		} {
			if got := len(c.instances(test.filters...)); got != test.want {
				t.Errorf("%s: %d, want %d", name, got, test.want)
			}
		}
		_, err := c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{Filters: []types.Filter{where("no-such-filter", "x")}})
		wantCode(t, err, "InvalidParameterValue")
		page, err := c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)})
		if err != nil || len(page.Reservations) != 2 || len(page.Reservations[1].Instances) != 2 || page.NextToken == nil {
			t.Errorf("the first page of five is %v, %v", page, err)
		}
		time.Sleep(2 * time.Hour) // the one that ended is not shown any more
		if page, err = c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{MaxResults: aws.Int32(5), NextToken: page.NextToken}); err != nil || len(page.Reservations[0].Instances) != 2 {
			t.Errorf("the second page is %v, %v", page, err)
		}
		_, err = c.DescribeInstances(t.Context(), &ec2.DescribeInstancesInput{InstanceIds: []string{other[1], "i-0"}})
		wantCode(t, err, "InvalidInstanceID.NotFound")
		_, err = c.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: []string{other[1], "i-0"}})
		wantCode(t, err, "InvalidInstanceID.NotFound")
		if got := c.states()[types.InstanceStateNameTerminated]; got != 0 {
			t.Errorf("a call with an id that does not exist ended an instance: %d are terminated", got)
		}
	})
}

// A launch that was answered need not be seen yet, by reads and by calls that end it alike.
func TestANewInstanceIsSeenLater(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		ids, _ := c.fleet(onDemand(1, "m6i.large"))
		time.Sleep(time.Second)
		for _, operation := range []string{"DescribeInstances", "TerminateInstances"} {
			c.Inject(Fault{Operation: operation, Kind: Stale, Times: 1})
		}
		if got := len(c.instances()); got != 0 {
			t.Errorf("a stale read sees %d", got)
		}
		_, err := c.TerminateInstances(t.Context(), &ec2.TerminateInstancesInput{InstanceIds: ids})
		wantCode(t, err, "InvalidInstanceID.NotFound")
		c.terminate(ids...)
	})
}

func TestEC2ThrottlesByWhatACallAsksFor(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		once := func(o *ec2.Options) { o.RetryMaxAttempts = 1 }
		served := func(in *ec2.DescribeInstancesInput) (n int) {
			for {
				if _, err := c.DescribeInstances(t.Context(), in, once); err != nil {
					wantCode(t, err, "RequestLimitExceeded")
					return n
				}
				n++
			}
		}
		if all, some := served(&ec2.DescribeInstancesInput{}), served(&ec2.DescribeInstancesInput{MaxResults: aws.Int32(5)}); all != 50 || some != 100 {
			t.Errorf("%d without and %d with a page size, want 50 and 100", all, some)
		}
		_, err := c.CreateFleet(t.Context(), onDemand(900, "m6i.large"), once)
		if err != nil {
			t.Fatal(err)
		}
		_, err = c.CreateFleet(t.Context(), onDemand(200, "m6i.large"), once) // of a thousand instances at once
		wantCode(t, err, "RequestLimitExceeded")
	})
}

func TestLaunchTemplatesHaveVersions(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		named := aws.String(templateName)
		_, err := c.CreateLaunchTemplate(t.Context(), &ec2.CreateLaunchTemplateInput{LaunchTemplateName: named, LaunchTemplateData: &types.RequestLaunchTemplateData{}})
		wantCode(t, err, "InvalidLaunchTemplateName.AlreadyExistsException")
		large := aws.String(base64.StdEncoding.EncodeToString(make([]byte, 16385)))
		_, err = c.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{LaunchTemplateName: named, LaunchTemplateData: &types.RequestLaunchTemplateData{UserData: large}})
		wantCode(t, err, "InvalidUserData.Malformed")
		_, err = c.CreateLaunchTemplateVersion(t.Context(), &ec2.CreateLaunchTemplateVersionInput{
			LaunchTemplateName: named, SourceVersion: aws.String("$Latest"), LaunchTemplateData: &types.RequestLaunchTemplateData{KeyName: aws.String("key")},
		})
		if err != nil {
			t.Fatal(err)
		}
		out, err := c.DescribeLaunchTemplateVersions(t.Context(), &ec2.DescribeLaunchTemplateVersionsInput{LaunchTemplateName: named, Versions: []string{"$Latest", "$Default"}})
		if err != nil || len(out.LaunchTemplateVersions) != 2 {
			t.Fatalf("got %v, %v", out, err)
		}
		newest, oldest := out.LaunchTemplateVersions[0], out.LaunchTemplateVersions[1]
		if *newest.VersionNumber != 2 || *newest.LaunchTemplateData.KeyName != "key" || *newest.LaunchTemplateData.UserData != "aGVsbG8=" || *oldest.VersionNumber != 1 || oldest.LaunchTemplateData.KeyName != nil {
			t.Errorf("got %v and %v", newest, oldest)
		}
		if _, err := c.DeleteLaunchTemplate(t.Context(), &ec2.DeleteLaunchTemplateInput{LaunchTemplateName: named}); err != nil {
			t.Fatal(err)
		}
		_, err = c.CreateFleet(t.Context(), onDemand(1, "m6i.large"))
		wantCode(t, err, "InvalidLaunchTemplateName.NotFoundException")
	})
}

func TestTagsAndPlacementGroups(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		if _, err := c.CreatePlacementGroup(t.Context(), &ec2.CreatePlacementGroupInput{GroupName: aws.String("near"), Strategy: types.PlacementStrategyCluster}); err != nil {
			t.Fatal(err)
		}
		in := onDemand(1, "m6i.large")
		in.LaunchTemplateConfigs[0].Overrides[0].Placement = &types.Placement{GroupName: aws.String("near")}
		ids, _ := c.fleet(in)
		_, err := c.DeletePlacementGroup(t.Context(), &ec2.DeletePlacementGroupInput{GroupName: aws.String("near")})
		wantCode(t, err, "InvalidPlacementGroup.InUse")
		tag := []types.Tag{{Key: aws.String("batchd:installation"), Value: aws.String("x")}}
		if _, err := c.CreateTags(t.Context(), &ec2.CreateTagsInput{Resources: ids, Tags: tag}); err != nil {
			t.Fatal(err)
		}
		wantList(t, c.Leftovers("x"), "ec2 instance "+ids[0]+" running")
		if all := c.Leftovers(""); len(all) != 4 {
			t.Errorf("left are %q, want an instance, its fleet, a template and a group", all)
		}
		if _, err := c.DeleteTags(t.Context(), &ec2.DeleteTagsInput{Resources: ids, Tags: tag}); err != nil {
			t.Fatal(err)
		}
		wantList(t, c.Leftovers("x"))
		c.terminate(ids...)
		if _, err := c.DeletePlacementGroup(t.Context(), &ec2.DeletePlacementGroupInput{GroupName: aws.String("near")}); err != nil {
			t.Error(err)
		}
	})
}

func TestRunInstancesLaunchesAtLeastTheMinimum(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		c.SetRoom(Pool{"m6i.large", "us-east-1a", false}, 2)
		in := &ec2.RunInstancesInput{
			LaunchTemplate: &types.LaunchTemplateSpecification{LaunchTemplateName: aws.String(templateName)}, InstanceType: types.InstanceTypeM6iLarge,
			MinCount: aws.Int32(1), MaxCount: aws.Int32(3),
		}
		out, err := c.RunInstances(t.Context(), in)
		if err != nil || len(out.Instances) != 2 || out.Instances[0].State.Name != types.InstanceStateNamePending {
			t.Errorf("got %v, %v", out, err)
		}
		in.ClientToken = nil // the SDK filled it in
		_, err = c.RunInstances(t.Context(), in, func(o *ec2.Options) { o.RetryMaxAttempts = 1 })
		wantCode(t, err, "InsufficientInstanceCapacity")
	})
}

func TestTypesOfferingsAndPrices(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		out, err := c.DescribeInstanceTypes(t.Context(), &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"g5.12xlarge", "c6g.large"}})
		if err != nil {
			t.Fatal(err)
		}
		gpu, arm := out.InstanceTypes[0], out.InstanceTypes[1]
		if *gpu.GpuInfo.Gpus[0].Count != 4 || *gpu.VCpuInfo.DefaultVCpus != 48 || *arm.MemoryInfo.SizeInMiB != 4096 || arm.ProcessorInfo.SupportedArchitectures[0] != "arm64" {
			t.Errorf("got %v and %v", gpu, arm)
		}
		_, err = c.DescribeInstanceTypes(t.Context(), &ec2.DescribeInstanceTypesInput{InstanceTypes: []types.InstanceType{"m1.tiny"}})
		wantCode(t, err, "InvalidInstanceType")
		offers, err := c.DescribeInstanceTypeOfferings(t.Context(), &ec2.DescribeInstanceTypeOfferingsInput{
			LocationType: types.LocationTypeAvailabilityZone, Filters: []types.Filter{where("instance-type", "p3.2xlarge", "m6i.large")},
		})
		if err != nil || len(offers.InstanceTypeOfferings) != 5 {
			t.Errorf("P3 is missing in one of three zones: %v, %v", offers, err)
		}
		prices, err := c.DescribeSpotPriceHistory(t.Context(), &ec2.DescribeSpotPriceHistoryInput{InstanceTypes: []types.InstanceType{"m6i.large"}, StartTime: aws.Time(time.Now())})
		if err != nil || len(prices.SpotPriceHistory) != 3 {
			t.Fatalf("got %v, %v", prices, err)
		}
		if price, _ := strconv.ParseFloat(*prices.SpotPriceHistory[0].SpotPrice, 64); price < 0.096*0.25 || price > 0.096*0.5 {
			t.Errorf("Spot costs %v", price)
		}
	})
}

func TestThePriceListHasPricesOnDemand(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := New(Options{})
		defer w.Close()
		is := func(field, value string) pricingtypes.Filter {
			return pricingtypes.Filter{Type: pricingtypes.FilterTypeTermMatch, Field: &field, Value: &value}
		}
		out, err := pricing.NewFromConfig(w.Config()).GetProducts(t.Context(), &pricing.GetProductsInput{
			ServiceCode: aws.String("AmazonEC2"), Filters: []pricingtypes.Filter{is("operatingSystem", "Linux"), is("regionCode", "us-east-1"), is("instanceType", "m6i.xlarge")},
		})
		if err != nil || len(out.PriceList) != 1 || !strings.Contains(out.PriceList[0], `"USD":"0.1920000000"`) || !json.Valid([]byte(out.PriceList[0])) {
			t.Errorf("got %v, %v", out, err)
		}
	})
}

func TestImagesForECSAreFoundByParameter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		client := ssm.NewFromConfig(c.Config())
		for variant, arch := range map[string]types.ArchitectureValues{"": "x86_64", "arm64/": "arm64", "gpu/": "x86_64"} {
			id := value(t, client, "/aws/service/ecs/optimized-ami/amazon-linux-2023/"+variant+"recommended/image_id")
			out, err := c.DescribeImages(t.Context(), &ec2.DescribeImagesInput{ImageIds: []string{id}})
			if err != nil || out.Images[0].Architecture != arch {
				t.Errorf("%s: got %v, %v", variant, out, err)
			}
		}
		_, err := client.GetParameter(t.Context(), &ssm.GetParameterInput{Name: aws.String("/aws/service/ecs/optimized-ami/amazon-linux-3/recommended")})
		wantCode(t, err, "ParameterNotFound")
	})
}

func TestTheNetworkIsThatOfTheWorld(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := newCloud(t, Options{})
		out, err := c.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{Filters: []types.Filter{where("vpc-id", c.Network().VPC)}})
		if err != nil {
			t.Fatal(err)
		}
		var ids []string
		for _, n := range out.Subnets {
			ids = append(ids, *n.SubnetId)
		}
		if !slices.Equal(ids, c.Network().Subnets) || *out.Subnets[0].AvailableIpAddressCount != 4091 {
			t.Errorf("got %v", out.Subnets)
		}
		_, err = c.DescribeSubnets(t.Context(), &ec2.DescribeSubnetsInput{SubnetIds: []string{"subnet-1"}})
		wantCode(t, err, "InvalidSubnetID.NotFound")
		_, err = c.DescribeSecurityGroups(t.Context(), &ec2.DescribeSecurityGroupsInput{GroupIds: []string{"sg-1"}})
		wantCode(t, err, "InvalidGroup.NotFound")
	})
}
