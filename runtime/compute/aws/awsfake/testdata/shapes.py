"""Makes one call of each operation against an endpoint, with AWS's SDK for Python, and prints the shape of each answer.

It prints a JSON object: for each operation the paths of the members that the answer has, for example
"ec2.DescribeInstances": ["Reservations[].Instances[].InstanceId", ...]. What the SDK's model does not know it drops, so a
member whose name is written differently is missing here.
"""

import json
import sys
import time

import boto3
from botocore.config import Config

endpoint = sys.argv[1]
shapes = {}


def paths(value, at=""):
    if isinstance(value, dict):
        for name, member in value.items():
            if name != "ResponseMetadata":
                yield from paths(member, f"{at}.{name}" if at else name)
    elif isinstance(value, list):
        for element in value:
            yield from paths(element, at + "[]")
    elif value is not None:
        yield at


class Client:
    """A client of one service, whose calls are noted."""

    def __init__(self, service):
        self.service = service
        self.client = boto3.client(service, endpoint_url=endpoint, region_name="us-east-1", aws_access_key_id="AKIAIOSFODNN7EXAMPLE",
                                   aws_secret_access_key="example", config=Config(retries={"total_max_attempts": 1}))

    def __getattr__(self, method):
        def call(**parameters):
            answer = getattr(self.client, method)(**parameters)
            operation = f"{self.service}.{self.client.meta.method_to_api_mapping[method]}"
            shapes[operation] = sorted(set(shapes.get(operation, [])) | set(paths(answer)))
            return answer

        return call


def roles():
    sts, iam = Client("sts"), Client("iam")
    sts.get_caller_identity()
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Principal": {"Service": "ec2.amazonaws.com"}, "Action": "sts:AssumeRole"}]})
    policy = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "ssm:GetParameter", "Resource": "*"}]})
    role = iam.create_role(RoleName="hosts", AssumeRolePolicyDocument=trust, Tags=[{"Key": "k", "Value": "v"}])["Role"]
    sts.assume_role(RoleArn=role["Arn"], RoleSessionName="session")
    iam.get_role(RoleName="hosts")
    iam.put_role_policy(RoleName="hosts", PolicyName="inline", PolicyDocument=policy)
    iam.get_role_policy(RoleName="hosts", PolicyName="inline")
    iam.list_role_policies(RoleName="hosts")
    iam.list_attached_role_policies(RoleName="hosts")
    iam.create_instance_profile(InstanceProfileName="hosts")
    iam.add_role_to_instance_profile(InstanceProfileName="hosts", RoleName="hosts")
    iam.get_instance_profile(InstanceProfileName="hosts")
    iam.list_instance_profiles_for_role(RoleName="hosts")


def parameters():
    ssm = Client("ssm")
    ssm.put_parameter(Name="/batchd/lease", Value="1", Type="String")
    ssm.get_parameter(Name="/batchd/lease")
    ssm.get_parameters(Names=["/batchd/lease", "/none"])
    ssm.delete_parameter(Name="/batchd/lease")


def instances():
    ec2 = Client("ec2")
    vpc = ec2.describe_vpcs()["Vpcs"][0]["VpcId"]
    of_vpc = [{"Name": "vpc-id", "Values": [vpc]}]
    subnet = ec2.describe_subnets(Filters=of_vpc)["Subnets"][0]
    group = ec2.describe_security_groups(Filters=of_vpc)["SecurityGroups"][0]["GroupId"]
    ec2.describe_availability_zones()
    image = ec2.describe_images(Filters=[{"Name": "architecture", "Values": ["x86_64"]}])["Images"][0]["ImageId"]
    tags = [{"Key": "batchd:group", "Value": "g"}]
    data = {"ImageId": image, "SecurityGroupIds": [group], "UserData": "aGVsbG8=", "IamInstanceProfile": {"Name": "hosts"}}
    ec2.create_launch_template(LaunchTemplateName="hosts", LaunchTemplateData=data, TagSpecifications=[{"ResourceType": "launch-template", "Tags": tags}])
    ec2.describe_launch_templates()
    ec2.describe_launch_template_versions(LaunchTemplateName="hosts")
    fleet = ec2.create_fleet(
        Type="instant",
        LaunchTemplateConfigs=[{
            "LaunchTemplateSpecification": {"LaunchTemplateName": "hosts", "Version": "1"},
            "Overrides": [{"InstanceType": "m6i.large", "SubnetId": subnet["SubnetId"], "AvailabilityZone": subnet["AvailabilityZone"]}],
        }],
        TargetCapacitySpecification={"TotalTargetCapacity": 1, "DefaultTargetCapacityType": "on-demand"},
        TagSpecifications=[{"ResourceType": "instance", "Tags": tags}],
    )
    ids = fleet["Instances"][0]["InstanceIds"]
    ec2.describe_instances(InstanceIds=ids)
    ec2.describe_instance_status(InstanceIds=ids, IncludeAllInstances=True)
    ec2.create_tags(Resources=ids, Tags=[{"Key": "k", "Value": "v"}])
    ec2.terminate_instances(InstanceIds=ids)
    ec2.describe_fleets(FleetIds=[fleet["FleetId"]])
    ec2.run_instances(ImageId=image, InstanceType="m6i.large", MinCount=1, MaxCount=1, SubnetId=subnet["SubnetId"], SecurityGroupIds=[group])
    ec2.describe_instance_types(InstanceTypes=["m6i.large", "g5.xlarge"])
    ec2.describe_instance_type_offerings(LocationType="availability-zone", Filters=[{"Name": "instance-type", "Values": ["m6i.large"]}])
    ec2.describe_spot_price_history(InstanceTypes=["m6i.large"], ProductDescriptions=["Linux/UNIX"])


def tasks():
    ecs = Client("ecs")
    ecs.create_cluster(clusterName="c", tags=[{"key": "k", "value": "v"}])
    ecs.describe_clusters(clusters=["c"], include=["TAGS"])
    ecs.list_clusters()
    container = {"name": "default", "image": "busybox", "memory": 128, "cpu": 256, "command": ["true"], "environment": [{"name": "a", "value": "b"}]}
    ecs.register_task_definition(family="f", containerDefinitions=[container], tags=[{"key": "k", "value": "v"}])
    ecs.describe_task_definition(taskDefinition="f:1", include=["TAGS"])
    ecs.list_task_definitions()
    ecs.list_container_instances(cluster="c")
    ecs.list_tasks(cluster="c")
    ecs.describe_tasks(cluster="c", tasks=["0123456789abcdef0123456789abcdef"])
    ecs.deregister_task_definition(taskDefinition="f:1")
    ecs.delete_cluster(cluster="c")


def events():
    sqs, bus = Client("sqs"), Client("events")
    url = sqs.create_queue(QueueName="q")["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    bus.put_rule(Name="r", EventPattern=json.dumps({"source": ["aws.ec2"]}))
    bus.put_targets(Rule="r", Targets=[{"Id": "1", "Arn": arn}])
    bus.list_targets_by_rule(Rule="r")
    bus.remove_targets(Rule="r", Ids=["1"])
    bus.delete_rule(Name="r")
    sqs.send_message(QueueUrl=url, MessageBody="hello")
    message = sqs.receive_message(QueueUrl=url)["Messages"][0]
    sqs.delete_message(QueueUrl=url, ReceiptHandle=message["ReceiptHandle"])
    sqs.delete_queue(QueueUrl=url)


def logs():
    client = Client("logs")
    client.create_log_group(logGroupName="g")
    client.create_log_stream(logGroupName="g", logStreamName="s")
    client.put_log_events(logGroupName="g", logStreamName="s", logEvents=[{"timestamp": int(time.time() * 1000), "message": "hello"}])
    client.get_log_events(logGroupName="g", logStreamName="s", startFromHead=True)
    client.describe_log_groups()
    client.describe_log_streams(logGroupName="g")
    client.delete_log_group(logGroupName="g")


for story in [roles, parameters, instances, tasks, events, logs]:
    story()
json.dump(shapes, sys.stdout, indent=1, sort_keys=True)
