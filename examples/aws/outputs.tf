locals {
  # No value of the matrix is a secret.
  points = nonsensitive(batch_job.prices.points)
}

output "prices" {
  description = "Every point with its simulated price and standard error."
  value = [
    for point in batch_job.prices.results : merge(
      { for name, value in local.points[point.index] : name => tonumber(value) },
      jsondecode(point.result_json),
    ) if point.result_json != null
  ]
}

output "ran_again" {
  description = "How many points ran more than once, because their instances were taken back."
  value       = length([for point in batch_job.prices.results : point if point.attempts > 1])
}

output "job_id" {
  description = "Id of the sweep, for example for batchd describe and batchd logs."
  value       = batch_job.prices.job_id
}
