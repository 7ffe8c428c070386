package governor

import "strings"

// Budget is a token bucket as AWS documents it: so many calls at once, and so many a second after that.
type Budget struct{ Burst, PerSecond float64 }

// named is a budget that several APIs may share.
type named struct {
	name string
	Budget
}

// The budgets of Amazon ECS, from "Request throttling for the Amazon ECS API".
var (
	clusterResourceModify = named{"ECS cluster resource modify", Budget{100, 40}}
	clusterResourceRead   = named{"ECS cluster resource read", Budget{100, 20}}
	definitionModify      = named{"ECS task definition modify", Budget{20, 1}}
	definitionRead        = named{"ECS task definition read", Budget{50, 20}}
	clusterModify         = named{"ECS cluster modify", Budget{20, 1}}
	clusterRead           = named{"ECS cluster read", Budget{50, 20}}
	tagModify             = named{"ECS tag modify", Budget{20, 10}}
)

// The budgets of Amazon EC2, from "Request throttling for the Amazon EC2 API".
var (
	ec2Terminate           = named{"EC2 TerminateInstances", Budget{100, 5}}
	ec2Tag                 = named{"EC2 CreateTags", Budget{100, 10}}
	ec2TemplateVersion     = named{"EC2 CreateLaunchTemplateVersion", Budget{100, 10}}
	ec2LaunchedInstances   = named{"EC2 instances launched", Budget{1000, 2}}
	ec2TerminatedInstances = named{"EC2 instances terminated", Budget{1000, 20}}
)

// The budgets of CloudWatch Logs, from "CloudWatch Logs quotas": those of regions that have the least.
var (
	logsGet    = named{"CloudWatch Logs GetLogEvents", Budget{10, 10}}
	logsFilter = named{"CloudWatch Logs FilterLogEvents", Budget{5, 5}}
)

// The documented budgets of each other API of EC2: of those that read with a filter or a page size, and of those that change something.
var (
	reading  = Budget{100, 20}
	changing = Budget{50, 5}
)

// budgets lists the APIs whose budget is documented, each as its service and its name.
var budgets = map[string]named{
	"ECS.RunTask": clusterResourceModify, "ECS.StartTask": clusterResourceModify, "ECS.StopTask": clusterResourceModify,
	"ECS.DeregisterContainerInstance": clusterResourceModify, "ECS.UpdateContainerInstancesState": clusterResourceModify,
	"ECS.PutAttributes": clusterResourceModify,
	"ECS.DescribeTasks": clusterResourceRead, "ECS.DescribeContainerInstances": clusterResourceRead,
	"ECS.ListTasks": clusterResourceRead, "ECS.ListContainerInstances": clusterResourceRead,
	"ECS.RegisterTaskDefinition": definitionModify, "ECS.DeregisterTaskDefinition": definitionModify, "ECS.DeleteTaskDefinitions": definitionModify,
	"ECS.DescribeTaskDefinition": definitionRead, "ECS.ListTaskDefinitions": definitionRead, "ECS.ListTaskDefinitionFamilies": definitionRead,
	"ECS.CreateCluster": clusterModify, "ECS.DeleteCluster": clusterModify, "ECS.PutClusterCapacityProviders": clusterModify, "ECS.UpdateCluster": clusterModify,
	"ECS.DescribeClusters": clusterRead, "ECS.ListClusters": clusterRead,
	"ECS.TagResource": tagModify, "ECS.UntagResource": tagModify,

	"CloudWatch Logs.GetLogEvents": logsGet, "CloudWatch Logs.FilterLogEvents": logsFilter,

	"EC2.TerminateInstances": ec2Terminate, "EC2.CreateTags": ec2Tag, "EC2.CreateLaunchTemplateVersion": ec2TemplateVersion,
}

// instanceBudgets are those that count instances and not calls. The table of AWS has none for CreateFleet; it is assumed to
// share that of RunInstances.
var instanceBudgets = map[string]named{"EC2.CreateFleet": ec2LaunchedInstances, "EC2.RunInstances": ec2LaunchedInstances, "EC2.TerminateInstances": ec2TerminatedInstances}

// budgetOf returns the budget that a call of an API is counted in.
func budgetOf(service, operation string) named {
	api := service + "." + operation
	if b, ok := budgets[api]; ok {
		return b
	}
	if service != "EC2" {
		return named{api, Budget{unlistedBurst, unlistedPerSecond}}
	}
	if strings.HasPrefix(operation, "Describe") || strings.HasPrefix(operation, "Get") {
		return named{api, reading}
	}
	return named{api, changing}
}
