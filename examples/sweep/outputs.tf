output "prices" {
  description = "Every point: the simulated price with its standard error, the exact price, and how many standard errors lie between them."
  value       = local.prices
}

output "within_three_standard_errors" {
  description = "How many points lie within three standard errors of the exact price. Of 370, one is expected not to."
  value       = local.within
}

output "ran" {
  description = "How many points the last submission ran. The others took the result of an identical earlier point."
  value       = batch_job.prices.points_ran
}

output "table" {
  description = "Mean price over the seeds beside the exact one."
  value = join("\n", concat(
    [join("", concat(["        "], [for v in var.volatilities : format("%20s", "volatility ${v}")]))],
    [join("", concat(["  strike"], [for v in var.volatilities : format("%11s%9s", "simulated", "exact")]))],
    [for k in var.strikes : join("", concat([format("%8.4g", k)], [
      for v in var.volatilities : format("%11.4f%9.4f", local.means["${k}/${v}"], local.exact["${k}/${v}"])
    ]))],
  ))
}

output "summary" {
  description = "The comparison in one line."
  value       = "${local.within} of ${length(local.prices)} points lie within three standard errors"
}
