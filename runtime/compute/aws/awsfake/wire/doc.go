// Package wire is the server's side of the protocols that AWS services speak: it reads requests into the input structs of the
// SDK, and writes the SDK's output structs as answers. The SDK itself has the client's side only.
//
//	service                                    protocol    request                    answer
//	ecs, ssm, events, logs, pricing, sqs       [JSON]      JSON object                JSON object
//	iam, sts                                   [Query]     form, Tags.member.1.Key    <GetRoleResult>, lists of <member>
//	ec2                                        [EC2]       form, Filter.1.Value.2     lists of <item>
//
// Reading is by reflection for all of them. Writing JSON is done by the SDK's own serializers, since its outputs can
// serialize themselves; writing XML is by reflection. A member has the name of its Go field, ignoring case, unless the
// names of the protocol say otherwise. The package knows no service and keeps no state.
package wire
