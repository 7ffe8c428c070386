// Package fair divides the capacity of a queue among its shares as the weights of a fair-share policy say.
//
// A [Share] notes what its attempts hold and have used. Use decays by half in every quarter of the policy's window ([Decay]).
// The share with the lowest [Key], the weight times the larger of its use and of what its use would come to, is served next.
// For example, of two shares that always have work, the one with weight 2 gets half of what the one with weight 1 gets,
// as in AWS Batch, where a larger weight factor means a smaller part.
package fair
