variable "job_id" {
  description = "The id of a job that was submitted elsewhere."
  type        = string
}

data "batch_job" "earlier" {
  job_id = var.job_id
}

output "status" {
  value = data.batch_job.earlier.status
}
