package clusterquery

import (
	"strings"
	"testing"
)

// instance is the container instance that the expressions of the tests are about.
func instance(name string) (string, bool) {
	value, has := map[string]string{
		"ec2InstanceId":                    "i-0abc",
		"agentConnected":                   "true",
		"runningTasksCount":                "9",
		"registeredAt":                     "2026-11-27T10:00:00Z",
		"attribute:ecs.instance-type":      "m6i.xlarge",
		"attribute:ecs.availability-zone":  "us-east-1a",
		"attribute:ecs.capability.awslogs": "",
	}[name]
	return value, has
}

func TestWhatAnExpressionMatches(t *testing.T) {
	for expression, want := range map[string]bool{
		"ec2InstanceId == i-0abc":                           true,
		"ec2InstanceId==i-0abc":                             true,
		"ec2InstanceId == 'i-0abc'":                         true,
		"ec2InstanceId equals i-0def":                       false,
		"ec2InstanceId != i-0def":                           true,
		"ec2InstanceId in [i-0abc, i-0def]":                 true,
		"ec2InstanceId in ['i-0def','i-0abc']":              true,
		"ec2InstanceId !in [i-0abc]":                        false,
		"ec2InstanceId not_in [i-0def]":                     true,
		"attribute:ecs.instance-type =~ m6i.*":              true,
		"attribute:ecs.instance-type =~ m6i":                false,
		"attribute:ecs.instance-type !~ (c|r)6i[.]large":    true,
		"attribute:ecs.capability.awslogs exists":           true,
		"attribute:batchd.spec exists":                      false,
		"attribute:batchd.spec !exists":                     true,
		"attribute:batchd.spec == a":                        false,
		"attribute:batchd.spec != a":                        false,
		"runningTasksCount < 10":                            true,
		"runningTasksCount >= 10":                           false,
		"registeredAt > 2026-11-27T09:59:59Z":               true,
		"agentConnected == true and runningTasksCount <= 9": true,
		"agentConnected == false and ec2InstanceId == i-0def or ec2InstanceId == i-0abc":                   true,
		"agentConnected == false && (ec2InstanceId == i-0def || ec2InstanceId == i-0abc)":                  false,
		"not (attribute:ecs.availability-zone == us-east-1b)":                                              true,
		"!(attribute:ecs.availability-zone == us-east-1a)":                                                 false,
		"ec2InstanceId == i-0abc and attribute:ecs.availability-zone in [us-east-1a, us-east-1b]":          true,
		"(attribute:ecs.instance-type == m6i.xlarge) and !(attribute:ecs.availability-zone == us-east-1b)": true,
	} {
		t.Run(expression, func(t *testing.T) {
			query, err := Parse(expression)
			if err != nil {
				t.Fatal(err)
			}
			if got := query.Matches(instance); got != want {
				t.Errorf("it matches: %v, want %v", got, want)
			}
		})
	}
}

func TestWhatIsNotAnExpression(t *testing.T) {
	for expression, says := range map[string]string{
		"":                                 "the end where the name of a field",
		"ec2InstanceId":                    "the end where an operator",
		"ec2InstanceId ==":                 "the end where a value",
		"instanceId == i-0abc":             `the subject "instanceId" is unknown`,
		"attribute: == a":                  "is unknown",
		"ec2InstanceId in i-0abc":          "a list in square brackets",
		"ec2InstanceId in [i-0abc":         "a comma or a closing bracket",
		"(ec2InstanceId == i-0abc":         "a closing parenthesis",
		"ec2InstanceId == i-0abc i-0def":   "where the end is expected",
		"ec2InstanceId =~ (":               "not a regular expression",
		"ec2InstanceId == i-0abc and":      "the end where the name of a field",
		"ec2InstanceId == i-0abc = i-0def": "cannot be read",
	} {
		t.Run(expression, func(t *testing.T) {
			if _, err := Parse(expression); err == nil || !strings.Contains(err.Error(), says) {
				t.Errorf("got %v, want an error that says %q", err, says)
			}
		})
	}
}

func TestWhichValueAnExpressionPins(t *testing.T) {
	for expression, want := range map[string]string{
		"ec2InstanceId == i-1":                        "i-1",
		"(ec2InstanceId == i-1)":                      "i-1",
		"ec2InstanceId == i-1 and attribute:a exists": "i-1",
		"attribute:a == b and (ec2InstanceId == i-1)": "i-1",
		"ec2InstanceId != i-1":                        "",
		"not ec2InstanceId == i-1":                    "",
		"ec2InstanceId == i-1 or attribute:a exists":  "",
		"ec2InstanceId in [i-1]":                      "",
		"attribute:a == b and attribute:c == d":       "",
	} {
		query, err := Parse(expression)
		if err != nil {
			t.Fatal(err)
		}
		if got, pinned := query.Pinned("ec2InstanceId"); got != want || pinned != (want != "") {
			t.Errorf("%s pins %q, want %q", expression, got, want)
		}
	}
}
