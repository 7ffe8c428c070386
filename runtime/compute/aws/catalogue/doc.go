// Package catalogue knows what instances an AWS account can launch in its region, what each has, and what it costs in each zone.
//
// A [Type] is an instance type. The types come from the account ([Live]); they are kept on disk for [maxAge], and if they cannot be
// read at all, from the table of families in this package. What a computeResources.instanceTypes means (types, families, "optimal",
// "default_x86_64", "default_arm64") is decided by [Select], and [Catalogue.Offers] makes of it the hosts that an environment can have launched.
//
// How much memory an instance has for tasks is not what EC2 says of its type: the kernel and the agent keep some. The catalogue
// learns it from the first instance of a type that registers ([Catalogue.Learn]) and guesses until then.
package catalogue
